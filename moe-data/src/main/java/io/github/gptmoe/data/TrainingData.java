package io.github.gptmoe.data;

import java.util.Map;
import java.util.Optional;

/**
 * What a run trains on and is validated on. All ranks of a process share one; {@link #batch} may be called by several threads.
 * {@code data.tokenize} chooses: {@link PackedData} has tokenised everything before, {@link StreamedData} does so on the way;
 * {@code data.format: segments} is {@link SegmentedData}. Where {@code data.train} names a {@link TokenPack}, that is the data.
 */
public interface TrainingData extends AutoCloseable {
    /**
     * Opens the data of a configuration.
     *
     * @param config which files, and when they are tokenised
     * @param tokenizer turns text into ids; used by several threads, and to be closed after the data
     * @param request what the run wants
     * @param progress hears how far packing is
     * @return the data, to be closed by the caller
     * @throws InputException if files, configuration or disk do not allow it
     */
    static TrainingData open(DataConfig config, Tokenizer tokenizer, DataRequest request, PackProgress progress) {
        if (PackedData.namesPack(config)) {
            return PackedData.openPack(config, tokenizer, request);
        }
        if (config.hasSegments()) {
            return SegmentedData.open(config, tokenizer, request, progress);
        }
        return config.streams()
                ? StreamedData.open(config, tokenizer, request, StreamSettings.of(config))
                : PackedData.open(config, tokenizer, request, progress);
    }

    /**
     * Identifies the samples.
     *
     * @return a hash: with equal ones, equal seeds and sequence lengths, sample numbers mean the same samples
     */
    String fingerprint();

    /**
     * Goes on where a checkpoint was made; to be called before the first batch.
     *
     * @param sample the number of the next sample
     * @param state what {@link #state} gave for it, perhaps among other things
     * @throws InputException if the checkpoint does not fit
     */
    void resume(long sample, Map<String, String> state);

    /**
     * What a checkpoint needs, besides the number of the next sample, to go on from there.
     *
     * @param sample the number of the next sample
     * @return names and values, perhaps none
     */
    Map<String, String> state(long sample);

    /**
     * Makes the batch of some consecutive samples.
     *
     * @param firstSample the number of the first, over all epochs from 0
     * @param sequences B, at least 1
     * @return the batch, which is the caller's
     * @throws InputException if the text cannot be read, with file and byte
     */
    TokenBatch batch(long firstSample, int sequences);

    /**
     * The tokens that a run is validated on.
     *
     * @return at least as many as were requested, if the text has them; belongs to this object
     */
    TokenStream validation();

    /**
     * What counting models reach on the validation.
     *
     * @param vocabulary V, above every token
     * @return empty where the training tokens have not been counted
     */
    Optional<CountingBaselines> baselines(int vocabulary);

    /** Returns once no thread uses the tokenizer any more. */
    @Override
    void close();
}
