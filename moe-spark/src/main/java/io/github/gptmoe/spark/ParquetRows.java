package io.github.gptmoe.spark;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads the column {@code text} of Parquet files; of others nothing is read. A row's number in its file, from 1, takes the place of a line. A slice
 * has the row groups whose middle lies in its range.
 */
final class ParquetRows {
    static final String TEXT = "text";

    private final ClusterFiles files;
    private final StretchReader.Rules rules;

    ParquetRows(ClusterFiles files, StretchReader.Rules rules) {
        this.files = files;
        this.rules = rules;
    }

    StretchRows read(Slice slice, StretchReader.Sink sink) throws IOException {
        JobInput input = slice.input();
        Path path = ClusterFiles.path(input.uri());
        Configuration configuration = new Configuration(files.configuration());
        StretchReader rows = new StretchReader(input.path(), rules);
        configuration.set(ReadSupport.PARQUET_READ_SCHEMA, textOf(input, path).toString());
        try (ParquetReader<Group> reader = ParquetReader.builder(new GroupReadSupport(), path)
                .withConf(configuration)
                .withFileRange(slice.from(), slice.to())
                .build()) {
            for (Group row = next(reader, input); row != null && !rows.isEnough(); row = next(reader, input)) {
                byte[] text = row.getFieldRepetitionCount(TEXT) > 0
                        ? row.getBinary(TEXT, 0).getBytes()
                        : null;
                Document document = rows.row(reader.getCurrentRowIndex() + 1, text);
                if (document != null) {
                    sink.accept(document);
                }
            }
        }
        return rows.met();
    }

    private static @Nullable Group next(ParquetReader<Group> reader, JobInput input) throws IOException {
        try {
            return reader.read();
        } catch (RuntimeException damaged) {
            throw damaged(input, damaged);
        }
    }

    private static InputException damaged(JobInput input, RuntimeException damaged) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                input.shown() + ": not a readable Parquet file (" + damaged.getMessage() + "); write it again",
                damaged);
    }

    private ParquetFileReader open(JobInput input, Path path) throws IOException {
        try {
            return ParquetFileReader.open(HadoopInputFile.fromPath(path, files.configuration()));
        } catch (RuntimeException damaged) {
            throw damaged(input, damaged);
        }
    }

    /** The schema of what is read. */
    private MessageType textOf(JobInput input, Path path) throws IOException {
        try (ParquetFileReader footer = open(input, path)) {
            MessageType schema = footer.getFooter().getFileMetaData().getSchema();
            Type text = schema.containsField(TEXT) ? schema.getType(TEXT) : null;
            boolean fits = text != null
                    && text.isPrimitive()
                    && !text.isRepetition(Type.Repetition.REPEATED)
                    && text.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
            if (text == null || !fits) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        input.shown() + ": has no column \"text\" of strings, only "
                                + schema.getFields().stream().map(Type::getName).toList() + "; rename or convert it");
            }
            return new MessageType(schema.getName(), text);
        }
    }
}
