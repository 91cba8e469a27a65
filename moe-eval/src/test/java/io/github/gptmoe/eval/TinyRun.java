package io.github.gptmoe.eval;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.data.DataConfig;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.checkpoint.CheckpointDescription;
import io.github.gptmoe.train.checkpoint.CheckpointPart;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.config.AdamWConfig;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.ScheduleConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run as training would leave it, with random weights: 2 blocks, the second with 4 experts and a residual path. Weights
 * are large and biases not zero, so that every term shows in the logits.
 */
public record TinyRun(Path folder, RunConfig config, Map<String, double[]> weights) {
    public static final int SEQUENCE_LENGTH = 24;

    static Path tokenizer() {
        try {
            return Path.of(TinyRun.class.getResource("/tokenizer/tiny.model").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code capacityFactor} as a training run might have it; evaluation must not mind. */
    static RunConfig config(Path tokenizer, double capacityFactor) {
        return new RunConfig(
                new ModelConfig(
                        2,
                        16,
                        2,
                        SEQUENCE_LENGTH,
                        544,
                        List.of(4),
                        2,
                        true,
                        null,
                        capacityFactor,
                        null,
                        null,
                        null,
                        null,
                        0.3),
                new DataConfig(List.of("text.txt"), null, null, tokenizer.toString(), null, null),
                new TrainConfig(
                        2,
                        1,
                        1L,
                        null,
                        "fp32",
                        List.of(),
                        0,
                        new AdamWConfig(1e-3, null, null, null, null, null, null, null),
                        new ScheduleConfig(null, null, null, null),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null),
                null,
                null);
    }

    public static TinyRun create(Path folder) {
        return create(folder, config(tokenizer(), 0), 1, 2, 7);
    }

    /** Writes one checkpoint for each step; later steps have other weights. */
    static TinyRun create(Path folder, RunConfig config, long firstStep, long lastStep, long seed) {
        try {
            Files.createDirectories(folder);
            Files.writeString(new RunFolder(folder).config(), ConfigWriter.toYaml(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, double[]> last = Map.of();
        for (long step = firstStep; step <= lastStep; step++) {
            last = save(folder, config.model(), step, seed + step);
        }
        return new TinyRun(folder, config, last);
    }

    private static Map<String, double[]> save(Path folder, ModelConfig config, long step, long seed) {
        KernelModule.enter();
        GptModel model = new GptModel(config);
        Map<String, double[]> values = new LinkedHashMap<>();
        try (NDManager owner = NDManager.newBaseManager(Device.cpu())) {
            model.initialize(owner, seed);
            List<TensorSource> tensors = new ArrayList<>();
            for (ModelParameter parameter : model.parameters()) {
                NDArray array = parameter.parameter().getArray();
                if (parameter.name().endsWith(".bias")) {
                    array.addi(owner.randomNormal(0f, 0.2f, array.getShape(), DataType.FLOAT32));
                }
                tensors.add(ArrayFile.source(parameter.name(), array));
                values.put(parameter.name(), doubles(array.toFloatArray()));
            }
            new CheckpointStore(new RunFolder(folder).checkpoints(), 2)
                    .save(
                            new CheckpointDescription(
                                    "tiny",
                                    new TrainingState(step, step, step, seed, 0, Map.of()),
                                    "config",
                                    "data",
                                    Map.of("tokenizer", fingerprint())),
                            List.of(new CheckpointPart("weights.safetensors", Map.of(), tensors)));
        }
        return values;
    }

    private static String fingerprint() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(tokenizer())) {
            return tokenizer.fingerprint();
        }
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    Path checkpoint(int step) {
        return new RunFolder(folder).checkpoints().resolve(String.format("step-%08d", step));
    }

    public NaiveGpt naive() {
        return new NaiveGpt(config.model(), weights);
    }
}
