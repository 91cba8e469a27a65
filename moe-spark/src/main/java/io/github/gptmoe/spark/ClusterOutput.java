package io.github.gptmoe.spark;

import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.TextCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.spark.TaskContext;

/** As {@link OutputFile}, on any file system: a file that gets its name once it is whole. For one thread. */
final class ClusterOutput implements AutoCloseable {
    private final ClusterFiles files;
    private final String target;
    private final String part;
    private final TextCodec codec;
    private final OutputStream out;
    private final MessageDigest digest = Hashes.sha256();
    private long textBytes;
    private long fileBytes;
    private boolean closed;

    ClusterOutput(ClusterFiles files, String target) throws IOException {
        this.files = files;
        this.target = target;
        this.part = unfinished(target);
        this.codec = TextCodec.of(Path.of(ClusterFiles.path(target).getName()));
        this.out = files.create(part);
    }

    /** A name that no other attempt of the same task uses. */
    static String unfinished(String target) {
        TaskContext task = TaskContext.get();
        String name = ClusterFiles.path(target).getName();
        String folder = ClusterFiles.path(target).getParent().toUri().toString();
        return ClusterFiles.below(folder, "." + name + ".part" + (task == null ? "" : "-" + task.taskAttemptId()));
    }

    void append(byte[] text, byte[] packed) throws IOException {
        if (text.length == 0) {
            return;
        }
        digest.update(text);
        textBytes += text.length;
        write(packed, packed.length);
    }

    void append(byte[] text) throws IOException {
        append(text, codec.pack(text));
    }

    /** Appends the beginning of an array to a file that is not compressed. */
    void appendPlain(byte[] text, int length) throws IOException {
        digest.update(text, 0, length);
        textBytes += length;
        write(text, length);
    }

    private void write(byte[] packed, int length) throws IOException {
        fileBytes += length;
        out.write(packed, 0, length);
    }

    OutputFile.Content finish() throws IOException {
        if (fileBytes == 0) {
            byte[] nothing = codec.pack(new byte[0]); // A compressed file without any member is damaged to its readers.
            write(nothing, nothing.length);
        }
        if (out instanceof FSDataOutputStream syncable && syncable.hasCapability(StreamCapabilities.HSYNC)) {
            syncable.hsync();
        }
        out.close();
        closed = true;
        files.rename(part, target);
        return new OutputFile.Content(fileBytes, textBytes, HexFormat.of().formatHex(digest.digest()));
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            out.close();
            files.delete(part);
        }
    }

    /** Writes a small file whole. */
    static void replace(ClusterFiles files, String target, byte[] content) throws IOException {
        try (ClusterOutput output = new ClusterOutput(files, target)) {
            output.append(content, content);
            output.finish();
        }
    }
}
