package io.github.gptmoe.spark;

import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.corpus.OutputFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * Makes one file of the rows that several tasks have written.
 *
 * @param files where files lie
 * @param parts JSON Lines in their order, not compressed
 * @param target what is to be made
 * @param format its kind
 */
record FileJoin(ClusterFiles files, List<String> parts, String target, Format format) implements Serializable {
    private static final Path JSON_LINES = Path.of("part.jsonl");

    /** Makes it; the checksum is that of the rows as JSON Lines. */
    OutputFile.Content run() throws IOException {
        return switch (format) {
            case JSONL -> concatenated();
            case PARQUET -> parquet();
        };
    }

    private OutputFile.Content concatenated() throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (ClusterOutput output = new ClusterOutput(files, target)) {
            for (String part : parts) {
                try (InputStream in = files.open(part, 0)) {
                    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                        output.appendPlain(buffer, read);
                    }
                }
            }
            return output.finish();
        }
    }

    private OutputFile.Content parquet() throws IOException {
        MessageDigest digest = Hashes.sha256();
        long textBytes = 0;
        try (ParquetText output = new ParquetText(files, target)) {
            for (String part : parts) {
                textBytes += files.status(part).getLen();
                StretchReader.read(
                        new StretchReader.Stretch(JSON_LINES, 0, Long.MAX_VALUE, 0),
                        from -> new DigestInputStream(files.open(part, from), digest),
                        StretchReader.Rules.strict(),
                        document -> output.add(document.text()));
            }
            return new OutputFile.Content(
                    output.finish(), textBytes, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
