package io.github.gptmoe.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorLocation;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Small checkpoints whose bytes follow from step and token count, so that a mix-up of two is seen. */
final class Checkpoints {
    static final String WEIGHTS = "weights.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    static final SaveObserver NOT_OBSERVED = (point, path) -> {};
    private static final int WEIGHT_VALUES = 330_000;

    private Checkpoints() {}

    /** Hundreds of saves that are stopped on purpose would each log what was swept away. */
    static void silenceLog() {
        ((Logger) LoggerFactory.getLogger(Checkpoints.class.getPackageName())).setLevel(Level.OFF);
    }

    static void restoreLog() {
        ((Logger) LoggerFactory.getLogger(Checkpoints.class.getPackageName())).setLevel(null);
    }

    static CheckpointDescription description(long step, long tokens) {
        return description("run-a", step, tokens);
    }

    static CheckpointDescription description(String runId, long step, long tokens) {
        TrainingState state = new TrainingState(step, tokens, step * 4, 7, 0, Map.of("scale", "65536"));
        return new CheckpointDescription(runId, state, "c0ffee", "da7a", Map.of("program", "0.1.0", "engine", "x"));
    }

    static List<CheckpointPart> parts(long step, long tokens) {
        return List.of(
                new CheckpointPart(
                        WEIGHTS,
                        Map.of("format", "pt"),
                        List.of(
                                tensor("token_embedding.weight", WEIGHT_VALUES, step, tokens),
                                tensor("final_norm.bias", 16, step, tokens))),
                new CheckpointPart(
                        OPTIMIZER,
                        Map.of(),
                        List.of(tensor("optimizer.first_moment.final_norm.bias", 16, step, tokens))));
    }

    static Path save(CheckpointStore store, long step, long tokens) {
        return store.save(description(step, tokens), parts(step, tokens));
    }

    static CheckpointStore store(Path folder) {
        return new CheckpointStore(folder, 2);
    }

    static CheckpointStore store(Path folder, SaveObserver observer) {
        return new CheckpointStore(folder, 2, observer, path -> Long.MAX_VALUE);
    }

    /** With small {@code shardBytes} the weights, which are two tensors, are two files and an index. */
    static CheckpointStore store(Path folder, long shardBytes, SaveObserver observer) {
        return new CheckpointStore(folder, 2, shardBytes, observer, path -> Long.MAX_VALUE);
    }

    static TensorSource tensor(String name, int values, long step, long tokens) {
        return TensorSource.of(name, SafetensorType.F32, new long[] {values}, content(name, values, step, tokens));
    }

    /** Asserts that a checkpoint holds exactly what was saved for its step and token count. */
    static void assertIntact(Checkpoint checkpoint) throws IOException {
        long step = checkpoint.manifest().state().step();
        long tokens = checkpoint.manifest().state().tokens();
        for (CheckpointPart part : parts(step, tokens)) {
            try (TensorFiles files = checkpoint.openTensors(part.fileName())) {
                for (SafetensorsFile file : files.files()) {
                    assertThat(file.metadata())
                            .containsEntry("runId", "run-a")
                            .containsEntry("step", Long.toString(step));
                }
                assertThat(files.tensors()).hasSameSizeAs(part.tensors());
                for (TensorSource tensor : part.tensors()) {
                    ByteBuffer expected = content(tensor.name(), (int) tensor.shape()[0], step, tokens);
                    TensorLocation found = files.locate(tensor.name());
                    assertThat(found.file().map(found.entry()).get(0)).isEqualTo(expected);
                }
            }
        }
    }

    static Checkpoint newest(Path folder) {
        List<String> warnings = new ArrayList<>();
        Checkpoint checkpoint = store(folder).newestValid(warnings::add).orElseThrow();
        assertThat(warnings).isEmpty();
        return checkpoint;
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static ByteBuffer content(String name, int values, long step, long tokens) {
        ByteBuffer bytes = ByteBuffer.allocate(values * Float.BYTES);
        long seed = name.hashCode() * 31L + step * 1_000_003 + tokens;
        for (int i = 0; i < values; i++) {
            seed = seed * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            bytes.putInt((int) (seed >>> 32));
        }
        return bytes.flip();
    }
}
