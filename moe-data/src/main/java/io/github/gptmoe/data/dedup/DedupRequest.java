package io.github.gptmoe.data.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * What to deduplicate.
 *
 * @param inputs text files
 * @param out the output folder
 * @param config what counts as a duplicate, without problems
 * @param against evaluation files; empty if documents are not compared with any
 * @param fields fields of evaluation rows; empty for all
 * @param rows what to do with rows that cannot be used
 * @param threads threads that work; the result is the same for any number
 */
public record DedupRequest(
        List<InputFile> inputs,
        Path out,
        DedupConfig config,
        List<Path> against,
        List<String> fields,
        RowRules rows,
        int threads) {

    /** Progress of a phase over all inputs, heard from the pass over one of them. */
    CorpusProgress.Part part(CorpusProgress progress, String phase, int file, long documentsBefore) {
        long before = InputFile.bytes(inputs.subList(0, file));
        double all = Math.max(1, InputFile.bytes(inputs));
        return (documents, bytes) -> progress.at(
                phase, documentsBefore + documents, Math.min(CorpusProgress.ALMOST, (before + bytes) / all));
    }

    /** A key of what is remembered. */
    String digest(String... parts) {
        return Hashes.sha256(String.join("\n", parts).getBytes(UTF_8));
    }

    /**
     * A digest of all that decides the result but the inputs.
     *
     * @return hexadecimal digits
     * @throws IOException if evaluation data cannot be read
     */
    public String settings() throws IOException {
        MessageDigest digest = Hashes.sha256();
        String values = "dedup " + DedupManifest.FORMAT_VERSION + "\n" + config + "\n" + fields;
        digest.update(values.getBytes(UTF_8));
        for (Path file : against) {
            digest.update(Hashes.sha256(Files.readAllBytes(file)).getBytes(UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
