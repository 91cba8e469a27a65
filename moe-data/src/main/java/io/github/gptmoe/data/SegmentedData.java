package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.SegmentedRow.Kind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code data.format: segments}: examples whose parts count differently in the loss.
 *
 * <p>An example stands between two end-of-document ids, as a document does; two that follow each other share one. Examples are
 * packed whole: a window has L + 1 tokens, an end-of-document id and then examples, and what is left of it is filled with
 * end-of-document ids that count nothing. The targets of an example are its tokens and its end; the end is of the kind of the
 * last segment that is no label (label if there is no other).
 *
 * <p>The weight of a target t of kind k in example e is {@code w_t = coefficient_k * weight_e * N / W_k}, with N the targets
 * of all windows, filling included, and W_k the sum of weight_e over all targets of kind k. So the loss of a step,
 * {@code 1/T sum_t w_t nll_t} over its T targets, is on average over an epoch
 *
 * <pre>
 * a * (mean NLL of context) + b * (mean NLL of prompts) + c * (mean NLL of labels)
 * </pre>
 *
 * <p>where each mean is over tokens, weighed by the weight of their examples. A kind that does not occur adds nothing. Filling
 * goes through the model, and so through its routers, like any other token.
 *
 * <p>Everything is held in memory: 8 bytes a token and about 150 bytes an example.
 */
final class SegmentedData implements TrainingData {
    private static final Logger LOGGER = LoggerFactory.getLogger(SegmentedData.class);

    private final List<SegmentedExample> examples;
    private final List<int[]> windows;
    private final Map<Kind, Double> factors;
    private final HeldTokens validation;
    private final int length;
    private final int endOfDocument;
    private final SampleOrder order;
    private final String fingerprint;

    private SegmentedData(
            List<SegmentedExample> examples,
            HeldTokens validation,
            SegmentWeights weights,
            Tokenizer tokenizer,
            DataRequest request) {
        this.examples = examples;
        this.validation = validation;
        length = request.sequenceLength();
        endOfDocument = tokenizer.endOfDocument();
        windows = WindowPacker.pack(
                examples.stream().mapToInt(SegmentedExample::length).toArray(), length, request.seed());
        factors = factors(weights);
        order = new SampleOrder(request.seed(), windows.size());
        fingerprint = "segments-" + fingerprint(tokenizer, weights);
    }

    static SegmentedData open(DataConfig config, Tokenizer tokenizer, DataRequest request, PackProgress progress) {
        config.requireValid();
        List<Path> train = CorpusFiles.resolve(TokenShards.TRAIN, config.train());
        List<Path> held = CorpusFiles.resolve(TokenShards.VALIDATION, config.validation());
        CorpusFiles.requireDisjoint(train, held);
        SegmentedFiles files = new SegmentedFiles(
                tokenizer,
                request.sequenceLength(),
                held.isEmpty() ? config.validationFraction() : 0,
                BadRows.of(config.badRows()),
                progress);
        files.addTrain(train);
        files.addValidation(held);
        requireExamples(config, files);
        HeldTokens validation = new HeldTokens(
                TokenShards.VALIDATION,
                files.validation(),
                files.validationBytes(),
                HeldTokens.named(held.isEmpty() ? train : held));
        BatchSource.requireSequence(validation, request.sequenceLength());
        SegmentedData data = new SegmentedData(files.train(), validation, config.segmentWeights(), tokenizer, request);
        data.log(files);
        return data;
    }

    private static void requireExamples(DataConfig config, SegmentedFiles files) {
        boolean noTrain = files.train().isEmpty();
        if (files.rows() == 0 || (noTrain && !config.validation().isEmpty())) {
            throw InputException.environment("The files of data.train hold no examples: "
                    + String.join(", ", config.train()) + "; name files with rows such as {\"segments\": [...]}");
        }
        if (files.validationBytes() == 0 && !config.validation().isEmpty()) {
            throw InputException.environment("The files of data.validation hold no examples: "
                    + String.join(", ", config.validation()) + "; name files with rows such as {\"segments\": [...]}");
        }
        if (noTrain || files.validationBytes() == 0) {
            throw InputException.configuration("data.validationFraction " + config.validationFraction() + " leaves the "
                    + (noTrain ? "training" : "validation") + " set without any of the " + files.rows()
                    + " examples; change the fraction, add text, or name files in data.validation");
        }
    }

    private Map<Kind, Double> factors(SegmentWeights weights) {
        Map<Kind, Double> sums = new EnumMap<>(Kind.class);
        for (SegmentedExample example : examples) {
            for (int token = 0; token < example.length(); token++) {
                sums.merge(example.kind(token), example.weight(), Double::sum);
            }
        }
        double targets = (double) windows.size() * length;
        Map<Kind, Double> factors = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            double sum = sums.getOrDefault(kind, 0.0);
            factors.put(kind, sum == 0 ? 0 : weights.of(kind) * targets / sum);
        }
        if (factors.values().stream().allMatch(factor -> factor == 0)) {
            throw InputException.configuration("data.weights " + weights.context() + ", " + weights.prompt() + ", "
                    + weights.label()
                    + " (context, prompt, label): no token of the examples counts; raise the weight of a"
                    + " kind that occurs, or the weights of the rows");
        }
        return factors;
    }

    private String fingerprint(Tokenizer tokenizer, SegmentWeights weights) {
        MessageDigest digest = Hashes.sha256();
        digest.update((tokenizer.fingerprint() + " " + endOfDocument + " " + weights).getBytes(UTF_8));
        for (SegmentedExample example : examples) {
            digest.update(ByteBuffer.allocate(Long.BYTES + Double.BYTES)
                    .putLong(example.length())
                    .putDouble(example.weight())
                    .flip());
            for (Kind kind : example.kinds()) {
                digest.update((byte) kind.name().charAt(0));
            }
            update(digest, example.ids());
        }
        update(digest, validation.ids());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES);
        bytes.asIntBuffer().put(ids);
        digest.update(bytes);
    }

    private void log(SegmentedFiles files) {
        long tokens = examples.stream().mapToLong(SegmentedExample::length).sum();
        LOGGER.info(
                "Segments: {} examples with {} tokens in {} windows of {} ({} % filled), {} held-out tokens, weights of a"
                        + " context, prompt and label token {}",
                examples.size(),
                tokens,
                windows.size(),
                length,
                Math.round(100.0 * tokens / ((double) windows.size() * length)),
                validation.tokens(),
                factors.values().stream()
                        .map(factor -> String.format(Locale.ROOT, "%.3g", factor))
                        .toList());
        if (files.cutExamples() > 0) {
            LOGGER.warn(
                    "{} examples were longer than model.sequenceLength {}: {} tokens were cut from the middle of their"
                            + " context",
                    files.cutExamples(),
                    length,
                    files.cutTokens());
        }
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void resume(long sample, Map<String, String> state) {
        // The number of a sample says everything.
    }

    @Override
    public Map<String, String> state(long sample) {
        return Map.of();
    }

    /** Samples of an epoch. */
    long windows() {
        return windows.size();
    }

    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        int size = Math.multiplyExact(sequences, length);
        long[] inputs = new long[size];
        long[] targets = new long[size];
        Arrays.fill(inputs, endOfDocument);
        Arrays.fill(targets, endOfDocument);
        float[] weights = new float[size];
        for (int row = 0; row < sequences; row++) {
            long sample = firstSample + row;
            int window = (int) order.index(sample / order.count(), sample % order.count());
            int at = row * length;
            for (int number : windows.get(window)) {
                SegmentedExample example = examples.get(number);
                for (int token = 0; token < example.length(); token++, at++) {
                    targets[at] = example.ids()[token];
                    weights[at] = (float) (factors.getOrDefault(example.kind(token), 0.0) * example.weight());
                    if (at + 1 < (row + 1) * length) {
                        inputs[at + 1] = example.ids()[token];
                    }
                }
            }
        }
        return new TokenBatch(firstSample, sequences, length, inputs, targets, weights);
    }

    @Override
    public TokenStream validation() {
        return validation;
    }

    /** Counting models would predict the words of a pattern well, which says nothing. */
    @Override
    public Optional<CountingBaselines> baselines(int vocabulary) {
        return Optional.empty();
    }

    @Override
    public void close() {
        // Holds memory only.
    }
}
