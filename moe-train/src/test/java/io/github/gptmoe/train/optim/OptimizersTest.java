package io.github.gptmoe.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ArrayFile;
import io.github.gptmoe.core.model.ArrayLoader;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Start;
import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.RankThreads;
import io.github.gptmoe.train.collective.ShardPlan;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.AdafactorConfig;
import io.github.gptmoe.train.config.AdamWConfig;
import io.github.gptmoe.train.config.LambConfig;
import io.github.gptmoe.train.config.OptimizerConfig;
import io.github.gptmoe.train.config.ParameterGroupConfig;
import io.github.gptmoe.train.config.SgdConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizersTest {
    private static final int UPDATES = 3;
    private static final long SEED = 5;

    /** Matrices whose parts end inside a row, a bias, a norm that stays FP32. */
    private static final List<ModelParameter> PARAMETERS = List.of(
            parameter("a.weight", true, false, 40, 33),
            parameter("a.bias", false, false, 33),
            parameter("norm.weight", false, true, 300),
            parameter("b.weight", true, false, 7, 100));

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private static ModelParameter parameter(String name, boolean decay, boolean fp32, long... shape) {
        Parameter parameter =
                Parameter.builder().setName(name).setType(Parameter.Type.WEIGHT).build();
        return new ModelParameter(parameter, new Shape(shape), new Start(0, 0.02), decay, fp32, null);
    }

    @SuppressWarnings("NullAway") // null asks the constructors for the defaults
    private static AdamWConfig adamW(String moments, String masters, ParameterGroupConfig... groups) {
        return new AdamWConfig(0.01, null, null, null, null, moments, masters, List.of(groups));
    }

    private static SgdConfig sgd(String masters) {
        return new SgdConfig(0.1, 0.9, true, 0.1, false, masters, List.of());
    }

    private static LambConfig lamb(double minimum, double maximum, String masters) {
        return new LambConfig(0.05, 0.9, 0.99, 1e-6, 0.1, minimum, maximum, masters, List.of());
    }

    private static AdafactorConfig adafactor(double beta1) {
        return new AdafactorConfig(0.05, beta1, 0.8, 1e-30, 1.0, false, 1e-3, 0.1, "fp32", List.of());
    }

    static Stream<OptimizerConfig> elementwise() {
        return Stream.of(
                adamW("fp32", "fp32"),
                adamW("bf16", "fp32"),
                adamW("int8", "fp32"),
                adamW("fp32", "none"),
                adamW("bf16", "none"),
                adamW("int8", "none"),
                sgd("fp32"),
                sgd("none"));
    }

    static Stream<OptimizerConfig> all() {
        return Stream.concat(
                elementwise(), Stream.of(lamb(0.01, 10, "fp32"), lamb(0.01, 10, "none"), adafactor(0), adafactor(0.9)));
    }

    private static float[] values(String name, int kind, long from, long length) {
        Random random = new Random(31L * name.hashCode() + kind);
        float[] values = new float[(int) length];
        for (long i = -from; i < length; i++) {
            float next = (float) random.nextGaussian();
            if (i >= 0) {
                values[(int) i] = next;
            }
        }
        return values;
    }

    /** A run of UPDATES updates over some pieces of the parameters. */
    private static final class Run {
        final List<ParameterShard> shards = new ArrayList<>();
        final Optimizer optimizer;
        final NDManager manager;

        Run(NDManager manager, OptimizerConfig config, ShardPlan plan, int rank, Run.Ranks ranks) {
            this.manager = manager;
            for (ShardPlan.Piece piece : plan.pieces(rank)) {
                ModelParameter parameter = PARAMETERS.get(piece.parameter());
                NDArray master = manager.create(values(parameter.name(), 0, piece.fromParameter(), piece.length()));
                NDArray low = parameter.computeInFp32() ? null : Precision.BF16.cast(manager, master);
                shards.add(new ParameterShard(
                        parameter,
                        piece.fromParameter(),
                        low != null && config.withoutMasters() ? null : master,
                        low,
                        manager.zeros(new Shape(piece.length()))));
            }
            optimizer = Optimizers.of(config, manager, shards, ranks.group(rank), SEED);
        }

        interface Ranks {
            io.github.gptmoe.train.collective.ProcessGroup group(int rank);
        }

        Run updated() {
            for (int number = 1; number <= UPDATES; number++) {
                update(number);
            }
            return this;
        }

        void update(int number) {
            for (ParameterShard shard : shards) {
                long length = shard.gradient().size();
                shard.gradient().set(values(shard.parameter().name(), number, shard.from(), length));
            }
            optimizer.update(number, 0.01 * number, 1.0 / number);
        }

        void into(Map<String, float[]> weights, Map<String, float[]> state) {
            for (ParameterShard shard : shards) {
                ModelParameter parameter = shard.parameter();
                put(weights, parameter.name(), parameter.shape(), shard.from(), shard.weights());
                if (shard.low() != null) {
                    put(weights, parameter.name() + " low", parameter.shape(), shard.from(), shard.low());
                }
            }
            for (StateShard shard : optimizer.state()) {
                put(state, shard.name(), shard.shape(), shard.from(), shard.array());
            }
        }

        private void put(Map<String, float[]> into, String name, Shape shape, long from, NDArray part) {
            float[] whole = into.computeIfAbsent(name, n -> new float[(int) shape.size()]);
            NDArray fp32 = part.getDataType() == DataType.UINT8
                    ? part.toType(DataType.FLOAT32, true)
                    : Precision.FP32.cast(manager, part);
            System.arraycopy(fp32.toFloatArray(), 0, whole, (int) from, (int) part.size());
        }
    }

    private static ShardPlan plan(int worldSize) {
        return ShardPlan.of(PARAMETERS.stream().map(each -> each.shape().size()).toList(), worldSize);
    }

    private static void run(
            OptimizerConfig config, int worldSize, Map<String, float[]> weights, Map<String, float[]> state)
            throws InterruptedException {
        var groups = InProcessGroup.of(worldSize, Duration.ofSeconds(60));
        List<Throwable> thrown = RankThreads.run(groups, group -> {
            try (NDManager manager = NDManager.newBaseManager()) {
                new Run(manager, config, plan(worldSize), group.rank(), rank -> group)
                        .updated()
                        .into(weights, state);
            }
        });
        assertThat(thrown).containsOnlyNulls();
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
    }

    @ParameterizedTest
    @MethodSource("elementwise")
    void ranksTogetherMakeTheUpdatesOfOneBitForBit(OptimizerConfig config) throws InterruptedException {
        Map<String, float[]> weights = new ConcurrentHashMap<>();
        Map<String, float[]> state = new ConcurrentHashMap<>();
        run(config, 1, weights, state);
        for (int worldSize : new int[] {2, 3, 8}) {
            Map<String, float[]> sharded = new ConcurrentHashMap<>();
            Map<String, float[]> shardedState = new ConcurrentHashMap<>();
            run(config, worldSize, sharded, shardedState);
            assertSame(sharded, weights);
            assertSame(shardedState, state);
        }
    }

    @Test
    void lambOnRanksHasTheRatiosOfWholeParameters() throws InterruptedException {
        Map<String, float[]> weights = new ConcurrentHashMap<>();
        run(lamb(0.01, 10, "fp32"), 1, weights, new ConcurrentHashMap<>());
        for (int worldSize : new int[] {2, 3, 8}) {
            Map<String, float[]> sharded = new ConcurrentHashMap<>();
            run(lamb(0.01, 10, "fp32"), worldSize, sharded, new ConcurrentHashMap<>());
            for (ModelParameter parameter : PARAMETERS) {
                assertThat(sharded.get(parameter.name())).containsExactly(weights.get(parameter.name()), within(1e-5f));
            }
        }
    }

    /** Replicas of whole parameters, as without sharding, must not be added up. */
    @Test
    void lambOnReplicasIsThatOfOneRank() throws InterruptedException {
        Map<String, float[]> weights = new ConcurrentHashMap<>();
        run(lamb(0.01, 10, "fp32"), 1, weights, new ConcurrentHashMap<>());
        List<Throwable> thrown = RankThreads.run(InProcessGroup.of(2, Duration.ofSeconds(60)), group -> {
            try (NDManager manager = NDManager.newBaseManager()) {
                Map<String, float[]> own = new LinkedHashMap<>();
                new Run(manager, lamb(0.01, 10, "fp32"), plan(1), 0, rank -> group)
                        .updated()
                        .into(own, new LinkedHashMap<>());
                assertSame(own, weights);
            }
        });
        assertThat(thrown).containsOnlyNulls();
    }

    /** The change of each parameter relative to its size is the learning rate times the bounded ratio. */
    @Test
    void trustStaysInItsBounds() {
        for (double bound : new double[] {0.02, 0.5}) {
            try (NDManager manager = NDManager.newBaseManager()) {
                Run run = new Run(manager, lamb(bound, bound, "fp32"), plan(1), 0, rank -> new SingleProcess());
                Run free = new Run(manager, lamb(1, 1, "fp32"), plan(1), 0, rank -> new SingleProcess());
                Map<String, float[]> before = new LinkedHashMap<>();
                run.into(before, new LinkedHashMap<>());
                run.update(1);
                free.update(1);
                Map<String, float[]> bounded = new LinkedHashMap<>();
                Map<String, float[]> plain = new LinkedHashMap<>();
                run.into(bounded, new LinkedHashMap<>());
                free.into(plain, new LinkedHashMap<>());
                for (ModelParameter parameter : PARAMETERS) {
                    double ratio = parameter.decay() ? bound : 1;
                    for (int i = 0; i < 30; i++) {
                        float start = before.get(parameter.name())[i];
                        assertThat((double) bounded.get(parameter.name())[i] - start)
                                .isCloseTo(ratio * (plain.get(parameter.name())[i] - start), within(1e-6));
                    }
                }
            }
        }
    }

    /** Weights of zero have no norm to follow: without the ratio of 1 they would never move. */
    @Test
    void lambMovesWeightsOfZero() {
        try (NDManager manager = NDManager.newBaseManager()) {
            ParameterShard shard = new ParameterShard(
                    PARAMETERS.get(3), 0, manager.zeros(new Shape(7, 100)), null, manager.ones(new Shape(7, 100)));
            Optimizers.of(lamb(0.01, 10, "fp32"), manager, List.of(shard), new SingleProcess(), SEED)
                    .update(1, 0.01, 1);
            assertThat(shard.weights().toFloatArray()).containsOnly(new float[] {-0.01f}, within(1e-6f));
        }
    }

    @Test
    void adafactorRefusesParts() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Run(manager, adafactor(0), plan(3), 0, rank -> new SingleProcess()))
                    .withMessageContaining("a.weight")
                    .withMessageContaining("1024 of 1320");
        }
    }

    @Test
    void mastersThatShouldNotBeThereAreRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Run run = new Run(manager, adamW("fp32", "fp32"), plan(1), 0, rank -> new SingleProcess());
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> Optimizers.of(adamW("fp32", "none"), manager, run.shards, new SingleProcess(), SEED))
                    .withMessageContaining("a.weight");
        }
    }

    @Test
    void groupsHaveTheirOwnRateAndDecay() {
        try (NDManager manager = NDManager.newBaseManager()) {
            OptimizerConfig plain = adamW("fp32", "fp32");
            OptimizerConfig grouped = adamW(
                    "fp32",
                    "fp32",
                    new ParameterGroupConfig("a.*", 0.5, 0.0),
                    new ParameterGroupConfig("*.weight", 0.0, null));
            Map<String, float[]> start = new LinkedHashMap<>();
            Map<String, float[]> ungrouped = new LinkedHashMap<>();
            Map<String, float[]> after = new LinkedHashMap<>();
            Run first = new Run(manager, plain, plan(1), 0, rank -> new SingleProcess());
            first.into(start, new LinkedHashMap<>());
            first.update(1);
            first.into(ungrouped, new LinkedHashMap<>());
            Run second = new Run(manager, grouped, plan(1), 0, rank -> new SingleProcess());
            second.update(1);
            second.into(after, new LinkedHashMap<>());
            // No second group: frozen. Biases: half the step. a.weight: half the step and no decay.
            assertThat(after.get("b.weight")).isEqualTo(start.get("b.weight"));
            assertThat(after.get("norm.weight")).isEqualTo(start.get("norm.weight"));
            for (int i = 0; i < 33; i++) {
                float bias = start.get("a.bias")[i];
                assertThat((double) after.get("a.bias")[i] - bias)
                        .isCloseTo(0.5 * (ungrouped.get("a.bias")[i] - bias), within(1e-6));
                float weight = start.get("a.weight")[i];
                double undecayed = ungrouped.get("a.weight")[i] + 0.01 * 0.1 * weight;
                assertThat((double) after.get("a.weight")[i] - weight)
                        .isCloseTo(0.5 * (undecayed - weight), within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void stateIsAsLargeAsCountedAndComesBackFromAFile(OptimizerConfig config, @TempDir Path folder) throws Exception {
        Path file = folder.resolve("optimizer.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Run going = new Run(manager, config, plan(1), 0, rank -> new SingleProcess());
            going.update(1);
            long bytes = 0;
            for (StateShard shard : going.optimizer.state()) {
                assertThat(shard.array().size()).isEqualTo(shard.shape().size());
                int element = switch (shard.array().getDataType()) {
                    case FLOAT32 -> 4;
                    case UINT8 -> 1;
                    default -> 2;
                };
                bytes += shard.shape().size() * element;
            }
            long counted = PARAMETERS.stream()
                    .mapToLong(each -> Optimizers.stateBytes(config, each.shape()))
                    .sum();
            assertThat(bytes).isEqualTo(counted);

            SafetensorsWriter.write(
                    file,
                    Map.of(),
                    going.optimizer.state().stream()
                            .map(shard -> ArrayFile.source(shard.name(), shard.array()))
                            .toList());
            Run resumed = new Run(manager, config, plan(1), 0, rank -> new SingleProcess());
            try (TensorFiles saved =
                    TensorFiles.open(file.getParent(), file.getFileName().toString())) {
                ArrayLoader loader = new ArrayLoader();
                for (StateShard shard : resumed.optimizer.state()) {
                    loader.add(saved, shard.name(), shard.array());
                }
                loader.load();
            }
            for (int i = 0; i < going.shards.size(); i++) {
                ParameterShard from = going.shards.get(i);
                ParameterShard into = resumed.shards.get(i);
                Precision.copy(into.weights(), from.weights());
            }
            going.update(2);
            resumed.update(2);
            Map<String, float[]> expected = new LinkedHashMap<>();
            Map<String, float[]> actual = new LinkedHashMap<>();
            going.into(expected, new LinkedHashMap<>());
            resumed.into(actual, new LinkedHashMap<>());
            assertSame(actual, expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adamw", "sgd", "lamb", "adafactor"})
    void aRankWithoutShardsUpdatesNothing(String type) {
        OptimizerConfig config = all().filter(each -> each.getClass()
                        .getSimpleName()
                        .toLowerCase(java.util.Locale.ROOT)
                        .startsWith(type))
                .findFirst()
                .orElseThrow();
        try (NDManager manager = NDManager.newBaseManager()) {
            Optimizer optimizer = Optimizers.of(config, manager, List.of(), new SingleProcess(), SEED);
            optimizer.update(1, 0.1, 1);
            assertThat(optimizer.state()).isEmpty();
        }
    }
}
