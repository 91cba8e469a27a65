package io.github.gptmoe.spark;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** Writes texts to a Parquet file with the column {@code text}. It gets its name with {@link #finish()}. */
final class ParquetText implements AutoCloseable {
    private static final MessageType SCHEMA = Types.buildMessage()
            .required(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named(ParquetRows.TEXT)
            .named("document");

    private final ClusterFiles files;
    private final String target;
    private final String part;
    private final ParquetWriter<Group> writer;
    private final SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
    private boolean closed;

    ParquetText(ClusterFiles files, String target) throws IOException {
        this.files = files;
        this.target = target;
        this.part = ClusterOutput.unfinished(target);
        this.writer = ExampleParquetWriter.builder(ClusterFiles.path(part))
                .withConf(new Configuration(files.configuration()))
                .withType(SCHEMA)
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .build();
    }

    void add(String text) throws IOException {
        Group row = groups.newGroup();
        row.add(ParquetRows.TEXT, text);
        writer.write(row);
    }

    /** Puts the file in its place; returns its bytes. */
    long finish() throws IOException {
        writer.close();
        closed = true;
        files.rename(part, target);
        return files.status(target).getLen();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            writer.close();
            files.delete(part);
        }
    }
}
