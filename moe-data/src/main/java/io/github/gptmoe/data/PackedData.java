package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Data that was tokenised ahead, by this run or as a {@link TokenPack}: any sample can be had at any time. */
final class PackedData implements TrainingData {
    private static final Logger LOGGER = LoggerFactory.getLogger(PackedData.class);

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

    /** Whether {@code data.train} names a packed corpus. */
    static boolean namesPack(DataConfig config) {
        return config.train().stream().anyMatch(TokenPack::isPack);
    }

    /** Opens the packed corpus that {@code data.train} names, after a look at all of it. */
    static PackedData openPack(DataConfig config, Tokenizer tokenizer, DataRequest request) {
        config.requireValid();
        requireAlone(config);
        Path folder = Path.of(config.train().get(0));
        LOGGER.info("Checking the packed corpus {}", folder);
        TokenPack pack = TokenPack.open(folder);
        try {
            pack.requireTokenizer(tokenizer, config.tokenizer());
            LOGGER.info(
                    "Packed corpus {}: {} tokens for training, {} for validation, fingerprint {}",
                    folder,
                    pack.train().tokens(),
                    pack.validation().tokens(),
                    pack.manifest().fingerprint());
            return new PackedData(pack.corpus(), request);
        } catch (InputException unfit) {
            pack.close();
            throw unfit;
        }
    }

    /** A pack has everything; what would be ignored beside it is a mistake. */
    private static void requireAlone(DataConfig config) {
        List<String> problems = new ArrayList<>();
        if (config.train().size() > 1) {
            problems.add("data.train has other entries beside a packed corpus; pack them together with moe data pack");
        }
        if (!config.validation().isEmpty()) {
            problems.add("data.validation is part of a packed corpus; leave it out, or pack again with --validation");
        }
        if (config.streams()) {
            problems.add("data.tokenize is \"stream\", but the corpus is packed already; leave it out");
        }
        if (config.hasSegments()) {
            problems.add("data.format is \"segments\", but a packed corpus has documents; leave it out");
        }
        if (!problems.isEmpty()) {
            throw InputException.configuration(String.join("\n", problems));
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
