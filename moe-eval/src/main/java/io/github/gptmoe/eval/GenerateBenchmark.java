package io.github.gptmoe.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptmoe.core.accounting.DecodeTraffic;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.Median;
import io.github.gptmoe.train.report.MemoryCeiling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Times generation: random prompts of equal length are read, then continued greedily side by side. Medians count, after one
 * untimed pass over all of it, in which the virtual machine compiles and the allocator warms up. A step is all it takes from the logits of one token to those of the next, the choice included. What memory allows
 * is measured in the same process.
 */
public final class GenerateBenchmark {
    private static final int PREFILLS = 3;
    private static final int CEILING_REPETITIONS = 8;

    private final InferenceModel model;
    private final Settings settings;

    private GenerateBenchmark(InferenceModel model, Settings settings) {
        this.model = model;
        this.settings = settings;
    }

    /**
     * What to measure.
     *
     * @param batches sequences side by side, one measurement each
     * @param promptTokens tokens of every prompt
     * @param tokens timed steps
     */
    public record Settings(List<Integer> batches, int promptTokens, int tokens) {
        /**
         * Checks the numbers.
         *
         * @param batches as above
         * @param promptTokens as above
         * @param tokens as above
         */
        public Settings {
            batches = List.copyOf(batches);
            if (batches.isEmpty() || batches.stream().anyMatch(batch -> batch < 1) || promptTokens < 1 || tokens < 1) {
                throw new IllegalArgumentException("batch sizes, prompt tokens and tokens must be at least 1");
            }
        }

        /**
         * Positions that a model must have.
         *
         * @return prompt and steps
         */
        public int positions() {
            return promptTokens + tokens;
        }
    }

    /**
     * One batch size.
     *
     * @param batch sequences side by side
     * @param prefillTokensPerSecond prompt tokens of all sequences over the time until their first logits
     * @param secondsPerStep median of the timed steps
     * @param decodeTokensPerSecond new tokens of all sequences a second
     * @param bytesPerStep mean of {@link DecodeTraffic} over the timed steps
     * @param cacheBytesPerStep keys and values among them
     * @param expertsPerLayer mean number of experts that an MoE layer reads in a step; 0 in a dense model
     * @param gigabytesPerSecond the bytes over the time, 1e9 bytes a second
     * @param memoryShare that rate over the memory ceiling; beyond 1 where the weights fit a processor cache
     * @param kernelCallsPerStep native calls of a step
     * @param outsideKernels share of the time that passes between them
     */
    public record Row(
            @JsonProperty("batch") int batch,
            @JsonProperty("prefill_tokens_per_second") double prefillTokensPerSecond,
            @JsonProperty("seconds_per_step") double secondsPerStep,
            @JsonProperty("decode_tokens_per_second") double decodeTokensPerSecond,
            @JsonProperty("bytes_per_step") double bytesPerStep,
            @JsonProperty("cache_bytes_per_step") double cacheBytesPerStep,
            @JsonProperty("experts_per_layer") double expertsPerLayer,
            @JsonProperty("gigabytes_per_second") double gigabytesPerSecond,
            @JsonProperty("memory_share") double memoryShare,
            @JsonProperty("kernel_calls_per_step") double kernelCallsPerStep,
            @JsonProperty("outside_kernels") double outsideKernels) {}

    /**
     * The result.
     *
     * @param params total parameters
     * @param precision fp32, bf16 or fp16
     * @param promptTokens tokens of every prompt
     * @param tokens timed steps
     * @param memoryPeakGigabytes memory ceiling, 1e9 bytes a second
     * @param results one entry for each batch size
     */
    public record Result(
            @JsonProperty("params") long params,
            @JsonProperty("precision") String precision,
            @JsonProperty("prompt_tokens") int promptTokens,
            @JsonProperty("tokens") int tokens,
            @JsonProperty("memory_peak_gigabytes") double memoryPeakGigabytes,
            @JsonProperty("results") List<Row> results) {
        /**
         * Copies the list.
         *
         * @param params as above
         * @param precision as above
         * @param promptTokens as above
         * @param tokens as above
         * @param memoryPeakGigabytes as above
         * @param results as above
         */
        public Result {
            results = List.copyOf(results);
        }
    }

    /**
     * Measures a configuration with random weights.
     *
     * @param config model, seed and nothing else of it
     * @param precision of weights and activations
     * @param settings what to measure; must fit the model's sequence length
     * @param progress told each batch size before it is measured
     * @return the result
     */
    public static Result run(RunConfig config, Precision precision, Settings settings, Consumer<String> progress) {
        try (RandomModel random = new RandomModel(config, precision)) {
            return new GenerateBenchmark(random.inference(), settings).measure(progress);
        }
    }

    /**
     * Measures a trained model, whose routers have learnt to choose.
     *
     * @param trained the model
     * @param settings what to measure; must fit the model's sequence length
     * @param progress told each batch size before it is measured
     * @return the result
     */
    public static Result run(TrainedModel trained, Settings settings, Consumer<String> progress) {
        KernelModule.enter();
        return new GenerateBenchmark(trained.inference(), settings).measure(progress);
    }

    private Result measure(Consumer<String> progress) {
        double ceiling = MemoryCeiling.gigabytes(model.manager(), CEILING_REPETITIONS);
        List<Row> rows = new ArrayList<>();
        for (int batch : settings.batches) {
            progress.accept("batch of " + batch);
            rows.add(measure(batch, ceiling));
        }
        return new Result(
                model.model().parameterCount(),
                model.precision().name().toLowerCase(Locale.ROOT),
                settings.promptTokens,
                settings.tokens,
                ceiling,
                rows);
    }

    private Row measure(int batch, double ceiling) {
        int[] everyone = IntStream.range(0, batch).toArray();
        try (CachedTexts untimed = prefill(batch)) {
            steps(untimed, everyone);
        }
        double[] prefills = new double[PREFILLS];
        for (int i = 0; i < PREFILLS; i++) {
            long start = System.nanoTime();
            prefill(batch).close();
            prefills[i] = (System.nanoTime() - start) / 1e9;
        }
        try (CachedTexts texts = prefill(batch)) {
            return row(batch, Median.of(prefills), steps(texts, everyone), ceiling);
        }
    }

    /** Sums over the timed steps, and their times. */
    private static final class Steps {
        private final double[] seconds;
        private double bytes;
        private double cacheBytes;
        private double experts;
        private int calls;
        private double kernelSeconds;

        Steps(int steps) {
            seconds = new double[steps];
        }
    }

    private Steps steps(CachedTexts texts, int[] everyone) {
        Steps steps = new Steps(settings.tokens);
        ModelConfig shape = model.model().config();
        KernelModule.observe((kernel, nanos) -> {
            steps.calls++;
            steps.kernelSeconds += nanos / 1e9;
        });
        try {
            for (int i = 0; i < settings.tokens; i++) {
                long cached = texts.cachedTokens();
                long start = System.nanoTime();
                step(texts, everyone);
                steps.seconds[i] = (System.nanoTime() - start) / 1e9;
                DecodeTraffic traffic =
                        DecodeTraffic.of(shape, model.precision(), everyone.length, cached, texts.expertsRead());
                steps.bytes += traffic.total();
                steps.cacheBytes += traffic.cache();
                steps.experts +=
                        texts.expertsRead().stream().mapToInt(Integer::intValue).sum();
            }
        } finally {
            KernelModule.observe(null);
        }
        return steps;
    }

    private Row row(int batch, double prefillSeconds, Steps steps, double ceiling) {
        double count = settings.tokens;
        double seconds = Median.of(steps.seconds);
        double bytes = steps.bytes / count;
        double rate = bytes / seconds / 1e9;
        return new Row(
                batch,
                (double) batch * settings.promptTokens / prefillSeconds,
                seconds,
                batch / seconds,
                bytes,
                steps.cacheBytes / count,
                steps.experts / count / Math.max(1, model.model().config().moeLayers()),
                rate,
                rate / ceiling,
                steps.calls / count,
                1 - steps.kernelSeconds / Arrays.stream(steps.seconds).sum());
    }

    private CachedTexts prefill(int batch) {
        ModelConfig shape = model.model().config();
        SplittableRandom random = new SplittableRandom(batch);
        List<int[]> prompts = IntStream.range(0, batch)
                .mapToObj(text -> random.ints(settings.promptTokens, 0, shape.vocabulary())
                        .toArray())
                .toList();
        CachedTexts texts = new CachedTexts(model, shape.vocabulary(), batch, settings.positions());
        texts.add(prompts);
        return texts;
    }

    private static void step(CachedTexts texts, int[] everyone) {
        Greedy greedy = new Greedy();
        int[] ids = new int[everyone.length];
        for (int text = 0; text < ids.length; text++) {
            ids[text] = greedy.choose(texts.logits(text), 0);
        }
        texts.advance(everyone, ids);
    }
}
