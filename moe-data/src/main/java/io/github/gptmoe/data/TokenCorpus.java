package io.github.gptmoe.data;

import java.nio.file.Path;

/**
 * A packed corpus.
 *
 * @param folder where it lies in the cache
 * @param train the training stream
 * @param validation the validation stream
 * @param fingerprint a hash over the tokens of both streams and the tokenizer: equal fingerprints mean equal batches, on
 *     whatever machine and from whatever paths the corpus was packed
 * @param report what packing did
 */
public record TokenCorpus(Path folder, TokenShards train, TokenShards validation, String fingerprint, PackReport report)
        implements AutoCloseable {
    @Override
    public void close() {
        train.close();
        validation.close();
    }
}
