package io.github.gptmoe.train;

import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** A model of 22 thousand weights on 20 sentences, and a listener that remembers what it heard. */
final class TinyRun {
    static final Path RESOURCES = Path.of("src/test/resources/golden");
    static final Path TEXT = RESOURCES.resolve("text.jsonl");
    static final int VOCABULARY = 384;

    private static final String YAML =
            """
            model:
              layers: 2
              hidden: 16
              heads: 2
              sequenceLength: 16
              vocabulary: %d
              experts: 4
              residual: true
            data:
              train: ["%s"]
              validationFraction: 0.2
              tokenizer: "%s"
              cache: "target/token-cache"
            train:
              globalBatch: 4
              microBatch: 2
              steps: 12
              precision: fp32
              validateEvery: 4
              validationBatches: 2
              optimizer:
                type: adamw
                learningRate: 1e-2
              schedule:
                type: cosine
                warmupSteps: 3
            checkpoint:
              everySteps: 4
            """.formatted(VOCABULARY, slashes(TEXT), slashes(RESOURCES.resolve("tokenizer.model")));

    private TinyRun() {}

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    static RunConfig config(String... sets) {
        return ConfigLoader.parse("tiny.yaml", YAML, List.of(sets));
    }

    static RunSummary train(RunConfig config, Path folder, Heard heard, StopRequest stop) {
        return new Pretraining(config, new RunFolder(folder), Resume.auto(), heard, stop).run();
    }

    static Heard train(RunConfig config, Path folder, int ranks) {
        Heard heard = new Heard(step -> {});
        new Pretraining(
                        config,
                        new RunFolder(folder),
                        Resume.auto(),
                        heard,
                        new StopRequest(),
                        AttentionResolver.fixedRule(),
                        new Devices(ranks))
                .run();
        return heard;
    }

    static Heard train(RunConfig config, Path folder) {
        Heard heard = new Heard(step -> {});
        train(config, folder, heard, new StopRequest());
        return heard;
    }

    static class Heard implements TrainListener {
        final List<TrainingLine> steps = new ArrayList<>();
        final List<ValidationLine> validations = new ArrayList<>();
        final List<String> messages = new ArrayList<>();
        final List<Path> checkpoints = new ArrayList<>();
        private final LongConsumer afterStep;

        Heard(LongConsumer afterStep) {
            this.afterStep = afterStep;
        }

        List<Double> losses() {
            return steps.stream().map(TrainingLine::loss).toList();
        }

        @Override
        public void message(String text) {
            messages.add(text);
        }

        @Override
        public void step(TrainingLine line, long totalSteps, double secondsLeft) {
            steps.add(line);
            afterStep.accept(line.step());
        }

        @Override
        public void validation(ValidationLine line) {
            validations.add(line);
        }

        @Override
        public void checkpoint(Path folder) {
            checkpoints.add(folder);
        }

        @Override
        public void packed(long documents, long textBytes, long tokens, double fraction) {}
    }
}
