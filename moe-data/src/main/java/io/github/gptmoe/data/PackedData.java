package io.github.gptmoe.data;

import java.util.Map;
import java.util.Optional;

/** Data that was tokenised ahead: any sample can be had at any time. */
final class PackedData implements TrainingData {
    private final TokenCorpus corpus;
    private final DataRequest request;
    private final BatchSource source;

    private PackedData(TokenCorpus corpus, DataRequest request) {
        this.corpus = corpus;
        this.request = request;
        this.source = new BatchSource(corpus.train(), request.sequenceLength(), request.seed());
    }

    static PackedData open(DataConfig config, Tokenizer tokenizer, DataRequest request, PackProgress progress) {
        TokenCorpus corpus = CorpusPacker.pack(config, tokenizer, progress);
        try {
            return new PackedData(corpus, request);
        } catch (InputException tooShort) {
            corpus.close();
            throw tooShort;
        }
    }

    @Override
    public String fingerprint() {
        return corpus.fingerprint();
    }

    @Override
    public void resume(long sample, Map<String, String> state) {
        // The number of a sample says everything.
    }

    @Override
    public Map<String, String> state(long sample) {
        return Map.of();
    }

    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        return source.batch(firstSample, sequences);
    }

    @Override
    public TokenStream validation() {
        return corpus.validation();
    }

    @Override
    public Optional<CountingBaselines> baselines(int vocabulary) {
        long targets = new BatchSource(corpus.validation(), request.sequenceLength(), 0)
                .validationTargets(1, request.validationSequences());
        return Optional.of(CountingBaselines.of(corpus.train(), corpus.validation(), targets, vocabulary));
    }

    @Override
    public void close() {
        corpus.close();
    }
}
