package io.github.gptmoe.train.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTableTest {
    private static final List<AttentionTiming> TIMINGS =
            List.of(new AttentionTiming("block-64", 1.5, 2.25), new AttentionTiming("fused", 3, 4));

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();

    private AttentionTable table(Path file) {
        return new AttentionTable(file, told::add);
    }

    private static AttentionTimings timed(List<AttentionTiming> timings) {
        return new AttentionTimings(timings, Map.of());
    }

    /** A case of its own for each number of heads. */
    static AttentionCase ofHeads(long heads) {
        return new AttentionCase("a processor, 中", 2, "2.7.1", "0123456789ab", "bf16", heads, 512, 64);
    }

    @Test
    void whatIsKeptIsFoundAgain() throws IOException {
        AttentionTable table = table(folder.resolve("new/folder/attention.json"));
        assertThat(table.known(ofHeads(1)).timings()).isEmpty();
        assertThat(table.keep(ofHeads(1), timed(TIMINGS))).isTrue();
        assertThat(table.keep(ofHeads(2), timed(TIMINGS.subList(0, 1)))).isTrue();
        assertThat(table(table.file()).known(ofHeads(1)).timings()).isEqualTo(TIMINGS);
        assertThat(table(table.file()).known(ofHeads(2)).timings()).isEqualTo(TIMINGS.subList(0, 1));
        assertThat(table.known(ofHeads(3)).timings()).isEmpty();
        assertThat(told).isEmpty();
        try (Stream<Path> files = Files.list(folder.resolve("new/folder"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("attention.json", "attention.json.lock");
        }
    }

    /** Whatever differs makes another case. */
    @Test
    void everyPartOfACaseCounts() {
        AttentionTable table = table(folder.resolve("attention.json"));
        AttentionCase of = ofHeads(8);
        table.keep(of, timed(TIMINGS));
        assertThat(List.of(
                        new AttentionCase("b", 2, "2.7.1", "0123456789ab", "bf16", 8, 512, 64),
                        new AttentionCase(of.device(), 3, "2.7.1", "0123456789ab", "bf16", 8, 512, 64),
                        new AttentionCase(of.device(), 2, "2.8", "0123456789ab", "bf16", 8, 512, 64),
                        new AttentionCase(of.device(), 2, "2.7.1", "ab", "bf16", 8, 512, 64),
                        new AttentionCase(of.device(), 2, "2.7.1", "0123456789ab", "fp32", 8, 512, 64),
                        new AttentionCase(of.device(), 2, "2.7.1", "0123456789ab", "bf16", 8, 511, 64),
                        new AttentionCase(of.device(), 2, "2.7.1", "0123456789ab", "bf16", 8, 512, 32)))
                .allSatisfy(other -> assertThat(table.known(other).timings()).isEmpty());
    }

    @Test
    void newTimingsReplaceThoseOfTheSameFormOnly() {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), timed(TIMINGS));
        table.keep(ofHeads(1), timed(List.of(new AttentionTiming("fused", 1, 1), new AttentionTiming("sdpa", 2, 2))));
        assertThat(table.known(ofHeads(1)).timings())
                .containsExactlyInAnyOrder(
                        new AttentionTiming("block-64", 1.5, 2.25),
                        new AttentionTiming("fused", 1, 1),
                        new AttentionTiming("sdpa", 2, 2));
    }

    @Test
    void reasonsAreKeptUntilTheFormIsTimedAndTheOtherWayRound() {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), new AttentionTimings(TIMINGS, Map.of("sdpa", "cannot")));
        assertThat(table.known(ofHeads(1))).isEqualTo(new AttentionTimings(TIMINGS, Map.of("sdpa", "cannot")));
        AttentionTiming sdpa = new AttentionTiming("sdpa", 1, 1);
        table.keep(ofHeads(1), new AttentionTimings(List.of(sdpa), Map.of("fused", "neither")));
        assertThat(table.known(ofHeads(1)))
                .isEqualTo(new AttentionTimings(List.of(sdpa, TIMINGS.get(0)), Map.of("fused", "neither")));
    }

    /** As tables were before reasons were kept. */
    @Test
    void anEntryWithoutReasonsIsRead() throws IOException {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), timed(TIMINGS));
        String json = Files.readString(table.file());
        String older = json.replaceAll(",\\s*\"untimed\" : \\{ *}", "");
        assertThat(older).isNotEqualTo(json);
        Files.writeString(table.file(), older);
        assertThat(table.known(ofHeads(1))).isEqualTo(timed(TIMINGS));
    }

    @Test
    void aReasonThatIsNoneMakesTheEntryAbsent() throws IOException {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), new AttentionTimings(TIMINGS, Map.of("sdpa", "cannot")));
        Files.writeString(table.file(), Files.readString(table.file()).replace("\"cannot\"", "null"));
        assertThat(table.known(ofHeads(1))).isEqualTo(AttentionTimings.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "7",
                "{\"format\": 1}",
                "{\"format\": 2, \"entries\": []}",
                "{\"format\": 1, \"entries\": [{\"measured\": {\"threads\": \"many\"}}]}",
                "\u0000\u0001",
            })
    void damagedFilesAreSaidSoAndReplaced(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("attention.json"), content);
        AttentionTable table = table(file);
        assertThat(table.known(ofHeads(1)).timings()).isEmpty();
        assertThat(told).hasSize(1).allMatch(text -> text.startsWith("warning: ") && text.contains(file.toString()));
        assertThat(table.keep(ofHeads(1), timed(TIMINGS))).isTrue();
        assertThat(table.known(ofHeads(1)).timings()).isEqualTo(TIMINGS);
        assertThat(told).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1.0", "null", "\"NaN\"", "1e999"})
    void entriesThatCannotBeMeasuredCountAsAbsent(String milliseconds) throws IOException {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), timed(TIMINGS));
        table.keep(ofHeads(2), timed(TIMINGS.subList(1, 2)));
        String json = Files.readString(table.file());
        assertThat(json).contains("2.25");
        Files.writeString(table.file(), json.replace("2.25", milliseconds));
        assertThat(table.known(ofHeads(1)).timings()).isEmpty();
        assertThat(table.known(ofHeads(2)).timings()).hasSize(1);
    }

    @Test
    void formsOfAnotherVersionCountAsAbsent() throws IOException {
        AttentionTable table = table(folder.resolve("attention.json"));
        table.keep(ofHeads(1), timed(TIMINGS));
        Files.writeString(table.file(), Files.readString(table.file()).replace("block-64", "block-65"));
        assertThat(table.known(ofHeads(1)).timings()).isEmpty();
    }

    @Test
    void aFolderInTheWayIsAWarning() throws IOException {
        Path inTheWay = Files.createDirectories(folder.resolve("attention.json/something"));
        AttentionTable table = table(inTheWay.getParent());
        assertThat(table.known(ofHeads(1)).timings()).isEmpty();
        assertThat(table.keep(ofHeads(1), timed(TIMINGS))).isFalse();
        assertThat(told).hasSize(2);
        assertThat(told.get(0)).contains("cannot be read");
        assertThat(told.get(1)).contains("cannot be kept", "measured again", AttentionTable.VARIABLE);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(table.file());
        }
    }

    @Test
    void aPathWithoutAFileNameIsAWarning() {
        AttentionTable table = AttentionTable.ofUser(
                        Map.of(AttentionTable.VARIABLE, folder.getRoot().toString()), folder, told::add)
                .orElseThrow();
        assertThat(table.known(ofHeads(1))).isEqualTo(AttentionTimings.NONE);
        assertThat(table.keep(ofHeads(1), timed(TIMINGS))).isFalse();
        assertThat(told).hasSize(2);
        assertThat(told.get(1)).contains("cannot be kept in /", "it is a folder", AttentionTable.VARIABLE);
        assertThat(folder.getRoot().resolve("null.lock")).doesNotExist();
    }

    @Test
    void aFileWhereTheFolderShouldBeIsAWarning() throws IOException {
        Files.writeString(folder.resolve("cache"), "a file");
        AttentionTable table = table(folder.resolve("cache/gpt-moe/attention.json"));
        assertThat(table.keep(ofHeads(1), timed(TIMINGS))).isFalse();
        assertThat(told).hasSize(1);
    }

    @Test
    void threadsLoseNothingOfEachOther() throws InterruptedException {
        Path file = folder.resolve("attention.json");
        List<Thread> writers = IntStream.range(0, 4)
                .mapToObj(writer -> new Thread(() -> Writer.keep(file, writer * 10)))
                .toList();
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join();
        }
        for (int heads = 0; heads < 40; heads++) {
            assertThat(table(file).known(ofHeads(heads)).timings()).isEqualTo(TIMINGS);
        }
    }

    @Test
    void processesLoseNothingOfEachOther() throws IOException, InterruptedException {
        Path file = folder.resolve("attention.json");
        List<Process> writers = new ArrayList<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (int writer = 0; writer < 2; writer++) {
            writers.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            classPath,
                            Writer.class.getName(),
                            file.toString(),
                            Integer.toString(writer * 10))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log" + writer).toFile())
                    .start());
        }
        for (int writer = 0; writer < 2; writer++) {
            assertThat(writers.get(writer).waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(writers.get(writer).exitValue())
                    .as(Files.readString(folder.resolve("log" + writer)))
                    .isZero();
        }
        for (int heads = 0; heads < 20; heads++) {
            assertThat(table(file).known(ofHeads(heads)).timings()).isEqualTo(TIMINGS);
        }
        assertThat(told).isEmpty();
    }

    /** Keeps ten cases; a warning is a failure. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            keep(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        }

        static void keep(Path file, int first) {
            AttentionTable table = new AttentionTable(file, warning -> {
                throw new AssertionError(warning);
            });
            for (int heads = first; heads < first + 10; heads++) {
                table.keep(ofHeads(heads), timed(TIMINGS));
            }
        }
    }

    @Test
    void theFileIsTheUsersUnlessTheEnvironmentSaysOtherwise() {
        Path absolute = folder.toAbsolutePath();
        assertThat(place(Map.of())).isEqualTo(absolute.resolve(".cache/gpt-moe/attention.json"));
        assertThat(place(Map.of("XDG_CACHE_HOME", "", AttentionTable.VARIABLE, "")))
                .isEqualTo(absolute.resolve(".cache/gpt-moe/attention.json"));
        assertThat(place(Map.of("XDG_CACHE_HOME", absolute.resolve("x").toString())))
                .isEqualTo(absolute.resolve("x/gpt-moe/attention.json"));
        assertThat(place(Map.of("XDG_CACHE_HOME", "relative")))
                .isEqualTo(absolute.resolve(".cache/gpt-moe/attention.json"));
        assertThat(place(Map.of("XDG_CACHE_HOME", "/x", AttentionTable.VARIABLE, "mine.json")))
                .isEqualTo(Path.of("mine.json"));
        assertThat(AttentionTable.ofUser(Map.of(AttentionTable.VARIABLE, "off"), folder, told::add))
                .isEmpty();
    }

    private Path place(Map<String, String> environment) {
        return AttentionTable.ofUser(environment, folder.toAbsolutePath(), told::add)
                .orElseThrow()
                .file();
    }
}
