package io.github.gptmoe.data;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * One file of a packing, to be tokenised by any process that sees the file and the folder of parts under the same paths. Bad rows are left out
 * here, or kept with the part; the packing judges them. Under {@code fail} it does not take a part with bad rows, and reads that itself.
 *
 * @param source the file
 * @param key hash over all that decides its tokens
 * @param folder where parts are
 * @param tokenBytes bytes of an id
 * @param badRows what bad rows lead to
 * @param limit how long rows may be
 * @param partCharacters text of a part, in UTF-16 units
 */
public record PartJob(
        PartSource source,
        String key,
        String folder,
        int tokenBytes,
        BadRows badRows,
        RowLimit limit,
        long partCharacters)
        implements Serializable {
    private static final double ANY_SHARE = 1;
    private static final PackProgress QUIET = (documents, textBytes, tokens, fraction) -> {};

    static PartJob of(
            PackInput input, String key, Path folder, int tokenBytes, PackConfig config, PackOptions options) {
        return new PartJob(
                PartSource.of(input),
                key,
                folder.toAbsolutePath().toString(),
                tokenBytes,
                config.badRowPolicy().action(),
                config.rowLimit(),
                options.partCharacters());
    }

    /**
     * Makes the parts of the file that are not there.
     *
     * @param tokenizer that of the packing
     * @param threads that tokenise
     * @return UTF-8 bytes of the text that was tokenised
     * @throws InputException if the file or the folder cannot be used
     */
    public long run(Tokenizer tokenizer, int threads) {
        BadRows action = badRows == BadRows.FAIL ? BadRows.SKIP : badRows;
        BadRowPolicy policy = new BadRowPolicy(action, ANY_SHARE, "", "");
        try (EncodingPool pool = new EncodingPool(tokenizer, threads)) {
            PartStore store = new PartStore(Path.of(folder), tokenBytes);
            PartRun run = new PartRun(tokenizer, pool, store, policy, limit, partCharacters, source.bytes(), QUIET);
            run.tokenise(source, key);
            return run.tokenisedTextBytes();
        } catch (IOException failed) {
            throw InputException.environment(
                    source.file() + ": tokenising into " + folder + " failed (" + failed
                            + "); the folder must be one that all machines can write to",
                    failed);
        }
    }
}
