package io.github.gptmoe.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.tuning.Trial.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Searches over made-up machines. */
class TuningSearchTest {
    private static final String YAML = """
            model: {layers: 2, hidden: 32, heads: 2, sequenceLength: 50, vocabulary: 100, experts: 4}
            data: {train: unused.txt, tokenizer: unused.model}
            train: {globalBatch: 32, microBatch: %d, steps: 5, recompute: none, optimizer: {learningRate: 1e-3}}
            """;
    private static final Effort ALL = new Effort(100, 3, 3);
    private static final List<String> RECOMPUTE = List.of("all", "moe", "none");

    /** Micro-batches 1 to 32, three kinds of recompute. */
    private static SwitchSpace space(int microBatch, Integer... devices) {
        return space(microBatch, Map.of(), devices);
    }

    private static SwitchSpace space(int microBatch, Map<String, List<String>> tried, Integer... devices) {
        Function<List<String>, RunConfig> loader =
                sets -> ConfigLoader.parse("base.yaml", YAML.formatted(microBatch), sets);
        return SwitchSpace.of(
                loader, Switches.axes(loader, devices.length == 0 ? List.of(1) : List.of(devices), tried));
    }

    private static int micro(Combination combination) {
        return Integer.parseInt(combination.get(Switches.MICRO_BATCH));
    }

    private static int kept(Combination combination) {
        return RECOMPUTE.indexOf(combination.get(Switches.RECOMPUTE));
    }

    /** Keeping activations saves a third of the time, and costs memory. */
    private static double seconds(Combination combination) {
        return (1 + 4.0 / micro(combination)) * (1.3 - 0.15 * kept(combination));
    }

    private static long bytes(Combination combination) {
        return 1000 + 10L * micro(combination) * (1 + 4L * kept(combination));
    }

    /** A machine with a memory. */
    private static final class Machine implements TrialRunner {
        private final ToDoubleFunction<Combination> seconds;
        private final long capacity;
        private final List<Combination> asked = new ArrayList<>();
        private long nanos;

        Machine(ToDoubleFunction<Combination> seconds, long capacity) {
            this.seconds = seconds;
            this.capacity = capacity;
        }

        @Override
        public Trial run(Combination combination) {
            asked.add(combination);
            nanos += 10_000_000_000L;
            long peak = bytes(combination);
            return peak > capacity
                    ? Trial.failed(Status.OUT_OF_MEMORY, "killed")
                    : Trial.measured(seconds.applyAsDouble(combination), peak);
        }
    }

    private static final class Heard implements TuningListener {
        private final List<Progress> starts = new ArrayList<>();
        private final List<Progress> ends = new ArrayList<>();

        @Override
        public void starting(Progress progress, Combination combination) {
            starts.add(progress);
        }

        @Override
        public void ended(Progress progress, Combination combination, Trial trial) {
            ends.add(progress);
        }
    }

    private static TuningSearch search(SwitchSpace space, Effort effort, Machine machine) {
        return new TuningSearch(space, effort, machine, new Heard(), () -> machine.nanos);
    }

    private static TuningTable found(SwitchSpace space, Effort effort, Machine machine)
            throws IOException, InterruptedException {
        return search(space, effort, machine).run();
    }

    private static String label(TuningTable table) {
        return table.winning().map(Combination::label).orElse("none");
    }

    @Test
    void theFullGridHasTheBest() throws IOException, InterruptedException {
        SwitchSpace space = space(4);
        // An odd machine, on which no direction leads to the best one.
        Machine machine =
                new Machine(at -> micro(at) == 2 && kept(at) == 1 ? 0.5 : 2 + (micro(at) * 7 + kept(at)) % 5, 1 << 20);
        TuningTable table = found(space, ALL, machine);
        assertThat(label(table)).isEqualTo("microBatch=2 recompute=moe");
        assertThat(table.strategy()).isEqualTo("full grid");
        assertThat(table.complete()).isTrue();
        assertThat(table.combinations()).isEqualTo(18);
        assertThat(table.rows()).hasSize(18).allMatch(row -> row.status() == Status.MEASURED);
        TuningRow winner = table.winnerRow().orElseThrow();
        assertThat(winner.accumulation()).isEqualTo(16);
        assertThat(winner.millisecondsPerStep()).isEqualTo(500);
        assertThat(table.spread()).isNaN();
        assertThat(winner.tokensPerSecond()).isEqualTo(32 * 50 / 0.5);
        assertThat(winner.rounds()).as("nothing else comes near it").isEmpty();
        assertThat(machine.asked).hasSize(18);
        assertThat(machine.asked.get(0).label()).isEqualTo("microBatch=4 recompute=none");
        assertThat(table.speedup()).isCloseTo((2 + (4 * 7 + 2) % 5) / 0.5, within(1e-12));
    }

    @Test
    void whatDoesNotFitIsARowAndWhatNeedsMoreIsNotRun() throws IOException, InterruptedException {
        Machine machine = new Machine(TuningSearchTest::seconds, 1400);
        TuningTable table = found(space(1), ALL, machine);
        // Fit: 32 with all (1320); 8 with moe (1400); 4 with none (1360).
        assertThat(label(table)).isEqualTo("microBatch=32 recompute=all");
        for (TuningRow row : table.rows()) {
            int limit = Map.of("all", 32, "moe", 8, "none", 4).get(row.recompute());
            assertThat(row.status() == Status.MEASURED).as(row.toString()).isEqualTo(row.microBatch() <= limit);
            if (row.microBatch() > limit) {
                assertThat(row.reason()).isNotNull();
                assertThat(row.millisecondsPerStep()).isNaN();
                assertThat(row.peakResidentBytes()).isNull();
            }
        }
        List<String> tooLarge = machine.asked.stream()
                .filter(at -> bytes(at) > 1400)
                .map(Combination::label)
                .distinct()
                .toList();
        assertThat(tooLarge)
                .as("16 moe follows from 8 none; a single micro-batch of 32 does not follow from 16")
                .containsExactly(
                        "microBatch=8 recompute=none", "microBatch=16 recompute=moe", "microBatch=32 recompute=moe");
        assertThat(table.rows().stream().filter(row -> row.status() == Status.EXPECTED_OUT_OF_MEMORY))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.reason()).startsWith("not run: needs at least what microBatch="));
    }

    @Test
    void equalTimesGoToLessMemory() throws IOException, InterruptedException {
        // All equal but for half a per cent, in favour of those that need more.
        Machine machine = new Machine(at -> 1 - 0.0001 * (micro(at) + kept(at)), 1 << 20);
        TuningTable table = found(space(32), new Effort(100, 18, 2), machine);
        assertThat(table.noise()).isEqualTo(0.01);
        assertThat(table.disturbed()).isFalse();
        // Peaks within 2 % of the least one, 1010, are equal; the fastest of them has 2 sequences.
        assertThat(label(table)).isEqualTo("microBatch=2 recompute=all");
    }

    @Test
    void realDifferencesDoNotGoToLessMemory() throws IOException, InterruptedException {
        Machine machine = new Machine(at -> 1 - 0.002 * micro(at), 1 << 20);
        TuningTable table = found(space(1), new Effort(100, 18, 2), machine);
        assertThat(label(table)).startsWith("microBatch=32 ");
        assertThat(table.winnerRow().orElseThrow().recompute()).isEqualTo("all");
    }

    @Test
    void luckInTheFirstMeasurementDoesNotWin() throws IOException, InterruptedException {
        List<String> once = new ArrayList<>();
        Machine machine = new Machine(
                at -> {
                    boolean first = !once.contains(at.label());
                    once.add(at.label());
                    double honest = micro(at) == 16 && kept(at) == 2 ? 1 : 1.08;
                    return micro(at) == 1 && kept(at) == 0 && first ? 0.95 : honest;
                },
                1 << 20);
        TuningTable table = found(space(4), ALL, machine);
        assertThat(label(table)).isEqualTo("microBatch=16 recompute=none");
        TuningRow lucky = table.rows().get(0);
        assertThat(lucky.microBatch()).isEqualTo(1);
        assertThat(lucky.rounds()).hasSize(3);
        assertThat(lucky.millisecondsPerStep()).isCloseTo(1080, within(1e-9));
        assertThat(machine.asked).hasSize(18 + 3 * 3);
        List<String> finals =
                machine.asked.stream().skip(18).map(Combination::label).toList();
        List<String> backwards = new ArrayList<>(finals.subList(3, 6));
        Collections.reverse(backwards);
        assertThat(finals.subList(0, 3)).isEqualTo(backwards).isEqualTo(finals.subList(6, 9));
    }

    /** Two of three rounds say otherwise, but a person reads the medians: 3.35, 3.11 and 3.22 s, as once measured. */
    @Test
    void theChoiceDoesNotContradictTheMediansOfTheTable() throws IOException, InterruptedException {
        Map<String, double[]> rounds =
                Map.of("1", new double[] {3.0, 3.37, 3.35}, "2", new double[] {3.2, 3.65, 3.22}, "4", new double[] {
                    3.11, 3.52, 2.9
                });
        Map<String, Integer> asked = new HashMap<>();
        Machine machine = new Machine(
                at -> {
                    int time = asked.merge(at.get(Switches.MICRO_BATCH), 1, Integer::sum);
                    return time == 1 ? 3 : rounds.get(at.get(Switches.MICRO_BATCH))[time - 2];
                },
                1 << 20);
        SwitchSpace space =
                space(4, Map.of("train.microBatch", List.of("1", "2", "4"), "train.recompute", List.of("none")));
        TuningTable table = found(space, ALL, machine);
        assertThat(table.noise()).isEqualTo(0.03);
        assertThat(table.spread()).isCloseTo(0.45 / 2 / 3.22, within(0.05));
        assertThat(table.disturbed()).isTrue();
        assertThat(label(table)).isEqualTo("microBatch=4 recompute=none");
        assertThat(table.speedup()).isEqualTo(1);
    }

    @Test
    void aMachineThatGetsSlowerFavoursNobody() throws IOException, InterruptedException {
        Machine[] self = new Machine[1];
        Machine machine = new Machine(at -> seconds(at) * (1 + 0.02 * Math.max(0, self[0].asked.size() - 18)), 1 << 20);
        self[0] = machine;
        TuningTable table = found(space(1), ALL, machine);
        assertThat(label(table)).isEqualTo("microBatch=32 recompute=none");
        assertThat(table.noise()).isEqualTo(0.03);
    }

    @Test
    void whoFailsInTheFinalsDoesNotWin() throws IOException, InterruptedException {
        Machine machine = new Machine(TuningSearchTest::seconds, 1 << 20);
        TrialRunner failing = at -> machine.asked.size() > 18 && micro(at) == 32 && kept(at) == 2
                ? Trial.failed(Status.FAILED, "a cable")
                : machine.run(at);
        TuningTable table = new TuningSearch(space(1), ALL, failing, new Heard(), () -> 0).run();
        assertThat(label(table)).isEqualTo("microBatch=16 recompute=none");
        assertThat(table.rows().stream().filter(row -> row.status() == Status.FAILED))
                .singleElement()
                .satisfies(row -> assertThat(row.reason()).isEqualTo("a cable"));
    }

    /** The best needs two changes, the first of which alone is a loss. */
    @Test
    void descentPaysForALargerMicroBatchWithRecompute() throws IOException, InterruptedException {
        Machine machine = new Machine(TuningSearchTest::seconds, 1400);
        TuningTable table = found(space(2), new Effort(14, 3, 3), machine);
        assertThat(table.strategy()).isEqualTo("coordinate descent");
        assertThat(label(table)).isEqualTo("microBatch=32 recompute=all");
        assertThat(table.rows().size()).isLessThanOrEqualTo(14);
    }

    @Test
    void descentBeginsWithTheLeastIfTheConfigurationDoesNotFit() throws IOException, InterruptedException {
        Machine machine = new Machine(TuningSearchTest::seconds, 1012);
        TuningTable table = found(space(32), new Effort(17, 3, 3), machine);
        assertThat(label(table)).isEqualTo("microBatch=1 recompute=all");
        assertThat(table.speedup()).as("the configuration itself has no time").isNull();
    }

    @Test
    void descentKeepsToItsTrials() throws IOException, InterruptedException {
        Machine machine = new Machine(TuningSearchTest::seconds, 1 << 20);
        TuningTable table = found(space(1), new Effort(3, 1, 3), machine);
        assertThat(machine.asked).hasSize(3);
        assertThat(table.rows()).hasSize(3);
        assertThat(label(table)).isEqualTo("microBatch=4 recompute=none");
    }

    @Test
    void stoppedSearchesHaveAPartOfTheTable() {
        Machine machine = new Machine(TuningSearchTest::seconds, 1 << 20);
        for (int moment : List.of(0, 1, 7, 18, 20)) {
            machine.asked.clear();
            TrialRunner stopping = at -> {
                if (machine.asked.size() == moment) {
                    throw new CancellationException();
                }
                return machine.run(at);
            };
            TuningSearch search = new TuningSearch(space(1), ALL, stopping, new Heard(), () -> 0);
            assertThatThrownBy(search::run).isInstanceOf(CancellationException.class);
            TuningTable table = search.table();
            assertThat(table.complete()).isFalse();
            assertThat(table.winning()).isEmpty();
            assertThat(table.speedup()).isNull();
            assertThat(table.rows()).hasSize(Math.min(moment, 18)).noneMatch(TuningRow::winner);
        }
    }

    @Test
    void withoutAnyMeasurementNobodyWins() throws IOException, InterruptedException {
        TuningTable table = found(space(4), ALL, new Machine(TuningSearchTest::seconds, 0));
        assertThat(table.winning()).isEmpty();
        assertThat(table.complete()).isTrue();
        assertThat(table.rows()).hasSize(18).noneMatch(row -> row.status() == Status.MEASURED);
        table = found(space(4), new Effort(5, 3, 3), new Machine(TuningSearchTest::seconds, 0));
        assertThat(table.winning()).isEmpty();
    }

    @Test
    void timeLeftIsThatOfTheMeasurementsToCome() throws IOException, InterruptedException {
        Machine machine = new Machine(at -> 1, 1 << 20);
        Heard heard = new Heard();
        new TuningSearch(space(4), ALL, machine, heard, () -> machine.nanos).run();
        assertThat(heard.starts).hasSize(27);
        assertThat(heard.starts.get(0)).isEqualTo(new TuningListener.Progress(1, 27, 0, Optional.empty()));
        assertThat(heard.ends.get(0).left()).contains(Duration.ofSeconds(260));
        assertThat(heard.ends.get(20).number()).isEqualTo(21);
        assertThat(heard.ends.get(20).round()).isEqualTo(1);
        assertThat(heard.ends.get(20).left()).contains(Duration.ofSeconds(60));
        assertThat(heard.ends.get(26).left()).contains(Duration.ZERO);
        assertThat(heard.ends).extracting(TuningListener.Progress::atMost).containsOnly(27);
    }

    @Test
    void ranksHaveZeroStagesAndShareTheMicroBatchesEvenly() throws IOException, InterruptedException {
        SwitchSpace space = space(32, 1, 2);
        assertThat(space.combinations().stream().filter(at -> at.devices() == 1))
                .hasSize(18)
                .allMatch(at -> at.get(Switches.ZERO_STAGE).equals("0"));
        assertThat(space.combinations().stream().filter(at -> at.devices() == 2))
                .hasSize(5 * 3 * 3)
                .allMatch(at -> micro(at) <= 16);
        Machine machine = new Machine(
                at -> seconds(at)
                        * (at.devices() == 2 ? 0.6 : 1)
                        * (at.get(Switches.ZERO_STAGE).equals("1") ? 0.8 : 1),
                1 << 20);
        TuningTable table = found(space, new Effort(40, 3, 3), machine);
        assertThat(table.strategy()).isEqualTo("coordinate descent");
        assertThat(label(table)).isEqualTo("devices=2 microBatch=16 recompute=none zeroStage=1");
        assertThat(table.winnerRow().orElseThrow().accumulation()).isEqualTo(1);
    }

    @Test
    void furtherSwitchesHaveNoColumnButAreTold() throws IOException, InterruptedException {
        SwitchSpace space = space(
                4,
                Map.of(
                        "train.headChunk",
                        List.of("256", "128"),
                        "train.microBatch",
                        List.of("4"),
                        "train.recompute",
                        List.of("none")));
        TuningTable table =
                found(space, ALL, new Machine(at -> at.get("train.headChunk").length(), 1 << 20));
        assertThat(table.rows())
                .extracting(TuningRow::other)
                .containsExactly(Map.of("train.headChunk", "128"), Map.of("train.headChunk", "256"));
        assertThat(table.speedup()).as("its own head chunk, 512, is not tried").isNull();
    }
}
