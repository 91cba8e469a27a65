package io.github.gptmoe.data;

import static io.github.gptmoe.data.PackTests.bytes;
import static io.github.gptmoe.data.PackTests.config;
import static io.github.gptmoe.data.PackTests.pack;
import static io.github.gptmoe.data.PackTests.source;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.PackTests.CountingTokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packings that end before their time, and what the next call makes of their remains. */
class PackResumeTest {
    @TempDir
    Path folder;

    private Path rows;
    private Path more;

    @BeforeEach
    void write() throws IOException {
        StringBuilder lines = new StringBuilder("\uFEFF");
        for (int i = 0; i < 6000; i++) {
            lines.append("{\"text\": \"row ")
                    .append(i)
                    .append(" 行".repeat(i % 13))
                    .append("\"}\n");
            lines.append(i % 1500 == 700 ? "{broken " + i + "\n" : "");
        }
        rows = Files.write(
                folder.resolve("rows.jsonl.gz"), TestFiles.gzip(lines.toString().getBytes(UTF_8)));
        more = Files.writeString(folder.resolve("more.jsonl"), lines.toString().replace("row", "more"));
    }

    private PackConfig mixture(double weight) {
        return PackTests.withBadRows(
                "quarantine", null, source("rows", weight, null, rows), source("more", 1.0, null, more));
    }

    private static PackProgress stopAfter(long documents) {
        return (now, textBytes, tokens, fraction) -> {
            if (now >= documents) {
                throw new IllegalStateException("stopped");
            }
        };
    }

    private void assertSameAsUninterrupted(Path out, PackConfig config) throws IOException {
        Path whole = folder.resolve("whole");
        pack(config, whole);
        assertThat(bytes(out).keySet()).isEqualTo(bytes(whole).keySet());
        for (String name : bytes(out).keySet()) {
            assertThat(bytes(out).get(name)).as(name).isEqualTo(bytes(whole).get(name));
        }
        assertThat(PackTests.options(1, out).quarantine())
                .hasSameBinaryContentAs(PackTests.options(1, whole).quarantine());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2500, 6000, 7000, 11_999})
    void aStoppedPackingGoesOnWhereItWas(long documents) throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(documents), PackTests.SILENT, 1))
                .hasMessageContaining("the tokenizer failed on this document (interrupted)");
        assertThat(out).doesNotExist();
        CountingTokenizer second = new CountingTokenizer();
        MixResult result = pack(mixture(3), out, second, PackTests.SILENT, 2);
        // A part has about a thousand documents; the one that was not finished is made again.
        assertThat(second.encoded()).isBetween(12_000 - documents, 12_000 - documents + 1500);
        assertThat(result.manifest().rows()).isEqualTo(new PackManifest.Rows(12_008, 8, 0, 0));
        assertSameAsUninterrupted(out, mixture(3));
        assertThat(WorkFolder.of(out)).doesNotExist();
    }

    @Test
    void partsServeAnotherMixtureAndNotAnotherTokenizer() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(), stopAfter(12_000), 1))
                .hasMessage("stopped");
        CountingTokenizer again = new CountingTokenizer();
        pack(mixture(5), out, again, PackTests.SILENT, 1);
        assertThat(again.encoded()).isZero();
        assertSameAsUninterrupted(out, mixture(5));

        Path other = folder.resolve("other");
        assertThatThrownBy(() -> pack(mixture(3), other, new CountingTokenizer(), stopAfter(12_000), 1))
                .hasMessage("stopped");
        MixResult wide = pack(mixture(3), other, new CharTokenizer(1 << 17), PackTests.SILENT, 1);
        assertThat(wide.manifest().tokenBytes()).isEqualTo(4);
    }

    @Test
    void damagedPartsAreMadeAgainAndAHalfMixedFolderIsCleared() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(), stopAfter(12_000), 1))
                .hasMessage("stopped");
        Path stage = Files.createDirectories(WorkFolder.of(out).resolve("stage"));
        Files.writeString(stage.resolve("train-00000.bin"), "half");
        try (Stream<Path> parts = Files.list(WorkFolder.of(out).resolve("parts"))) {
            Path tokens = parts.filter(file -> file.toString().endsWith("-00002.tokens"))
                    .findFirst()
                    .orElseThrow();
            try (RandomAccessFile file = new RandomAccessFile(tokens.toFile(), "rw")) {
                file.seek(100);
                file.write(file.read() ^ 1);
            }
        }
        pack(mixture(3), out);
        assertSameAsUninterrupted(out, mixture(3));
    }

    /** A part from which rows were left out is none for a packing that must fail at them. */
    @Test
    void aStricterCallFailsWhereALenientOneWentOn() {
        Path out = folder.resolve("out");
        PackConfig skips = PackTests.withBadRows("skip", null, source("rows", null, null, rows));
        assertThatThrownBy(() -> pack(skips, out, new CountingTokenizer(), stopAfter(5000), 1))
                .hasMessage("stopped");
        PackConfig fails = PackTests.withBadRows("fail", null, source("rows", null, null, rows));
        assertThatThrownBy(() -> pack(fails, out))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("rows.jsonl.gz, line 702, byte ", " of the decompressed text: broken JSON");
    }

    @Test
    void remainsOfAPackingThatWasKilledAtItsVeryEndAreRemoved() throws IOException {
        Path out = folder.resolve("out");
        pack(mixture(3), out);
        Path remains = Files.createDirectories(WorkFolder.of(out).resolve("parts"));
        Files.writeString(remains.resolve("a.tokens"), "left");
        Files.writeString(WorkFolder.of(out).resolve("lock"), "");
        assertThat(pack(mixture(3), out).reused()).isTrue();
        assertThat(WorkFolder.of(out)).doesNotExist();
    }

    @Test
    void onePackingAtATime() throws IOException {
        Path out = folder.resolve("out");
        Files.createDirectories(folder);
        try (WorkFolder held = WorkFolder.open(out)) {
            assertThat(held.path()).isDirectory();
            assertThatThrownBy(() -> pack(mixture(3), out))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another process packs into");
        }
        assertThat(WorkFolder.of(out)).doesNotExist();
    }

    @Test
    void filesThatChangeMeanwhileAreRefused() {
        Path out = folder.resolve("out");
        PackProgress vandal = (documents, textBytes, tokens, fraction) -> {
            try {
                Files.writeString(more, "{\"text\": \"x\"}\n", StandardOpenOption.APPEND);
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        };
        assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(), vandal, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("more.jsonl: changed while it was read");
        assertThat(out).doesNotExist();
    }

    /** The tokens of a file that changed must not be found under the hash of what it was before. */
    @Test
    void aFileThatChangesAndIsRestoredIsReadAgain() throws IOException {
        Path out = folder.resolve("out");
        byte[] before = Files.readAllBytes(more);
        String text = Files.readString(more);
        boolean[] done = new boolean[1];
        PackProgress vandal = (documents, textBytes, tokens, fraction) -> {
            if (!done[0]) {
                done[0] = true;
                try {
                    Files.writeString(more, text.replace("more", "less"));
                } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                }
            }
        };
        assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(), vandal, 1))
                .hasMessageContaining("more.jsonl: changed while it was read");
        Files.write(more, before);
        pack(mixture(3), out);
        assertSameAsUninterrupted(out, mixture(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {".json", ".bad", ".documents", ".tokens"})
    void aPartThatLacksAFileOrHasHalfOfItIsMadeAgain(String ending) throws IOException {
        Path out = folder.resolve("out");
        for (boolean removed : new boolean[] {true, false}) {
            assertThatThrownBy(() -> pack(mixture(3), out, new CountingTokenizer(), stopAfter(12_000), 1))
                    .hasMessage("stopped");
            List<Path> damaged;
            try (Stream<Path> parts = Files.list(WorkFolder.of(out).resolve("parts"))) {
                damaged = parts.filter(file -> file.toString().endsWith(ending))
                        .sorted()
                        .limit(3)
                        .toList();
            }
            assertThat(damaged).hasSize(3);
            for (Path file : damaged) {
                byte[] whole = Files.readAllBytes(file);
                Files.delete(file);
                if (!removed) {
                    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
                }
            }
            pack(mixture(3), out);
            assertSameAsUninterrupted(out, mixture(3));
            PackFolder.deleteTree(out);
        }
    }

    @Test
    void whatOthersPutIntoTheWorkFolderStays() throws IOException {
        Path out = folder.resolve("out");
        Path mine = Files.createDirectories(WorkFolder.of(out).resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "mine");
        assertThat(pack(mixture(3), out).reused()).isFalse();
        assertThat(pack(mixture(3), out).reused()).isTrue();
        assertThat(mine.resolve("thesis.txt")).hasContent("mine");
        assertThat(WorkFolder.of(out).resolve("parts")).doesNotExist();
    }

    /** Who has the lock must have the one that others see, whoever removed it in the meantime. */
    @Test
    void theLockIsHeldByOneAtATimeThoughItIsRemovedAfterUse() throws Exception {
        Path out = folder.resolve("out");
        AtomicInteger inside = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<Integer>> ends = new ArrayList<>();
        for (int thread = 0; thread < 3; thread++) {
            ends.add(threads.submit(() -> {
                int held = 0;
                while (held < 60) {
                    try (WorkFolder work = WorkFolder.open(out)) {
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        assertThat(work.path()).isDirectory();
                        held++;
                        inside.decrementAndGet();
                    } catch (InputException busy) {
                        assertThat(busy).hasMessageContaining("another process packs into");
                    }
                }
                return held;
            }));
        }
        threads.shutdown();
        for (Future<Integer> end : ends) {
            assertThat(end.get()).isEqualTo(60);
        }
        assertThat(WorkFolder.of(out)).doesNotExist();
    }

    /** A process that is killed outright, without a chance to close anything. */
    @Test
    void aKilledProcessIsGoneOnWith() throws Exception {
        Path out = folder.resolve("out");
        Path text = Files.writeString(
                folder.resolve("clean.jsonl"), Files.readString(more).replaceAll("\\{broken.*\n", ""));
        PackConfig config = config(source("rows", null, null, text));
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SlowPacking.class.getName(),
                        text.toString(),
                        out.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.log").toFile())
                .start();
        Path parts = WorkFolder.of(out).resolve("parts");
        while (child.isAlive() && finishedParts(parts) < 2) {
            Thread.sleep(5);
        }
        assertThatThrownBy(() -> pack(config, out))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("another process packs into");
        child.destroyForcibly().waitFor();
        assertThat(out).doesNotExist();
        long finished = finishedParts(parts);
        assertThat(finished).isGreaterThanOrEqualTo(2);
        CountingTokenizer counting = new CountingTokenizer();
        pack(config, out, counting, PackTests.SILENT, 2);
        assertThat(counting.encoded()).isLessThan(6000 - 500 * finished).isPositive();
        Path whole = folder.resolve("whole");
        pack(config, whole);
        assertThat(bytes(out).keySet()).isEqualTo(bytes(whole).keySet());
        for (String name : bytes(out).keySet()) {
            assertThat(bytes(out).get(name)).as(name).isEqualTo(bytes(whole).get(name));
        }
    }

    private static long finishedParts(Path parts) throws IOException {
        if (!Files.isDirectory(parts)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(parts)) {
            List<String> names = files.map(Path::toString).toList();
            return names.stream().filter(name -> name.endsWith(".json")).count();
        }
    }
}
