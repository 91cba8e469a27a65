package io.github.gptmoe.data;

import static io.github.gptmoe.data.PackTests.bytes;
import static io.github.gptmoe.data.PackTests.config;
import static io.github.gptmoe.data.PackTests.documents;
import static io.github.gptmoe.data.PackTests.pack;
import static io.github.gptmoe.data.PackTests.source;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.PackTests.CountingTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MixPackerTest {
    private final CharTokenizer tokenizer = new CharTokenizer(1 << 16);

    @TempDir
    Path folder;

    private Path large;
    private Path middle;
    private Path small;

    @BeforeEach
    void write() throws IOException {
        large = TestFiles.write(folder, "large.txt", TestFiles.lines(6000).replace("document", "large"));
        middle = Files.write(
                folder.resolve("middle.txt.gz"),
                TestFiles.gzip(
                        TestFiles.lines(3000).replace("document", "middle").getBytes(UTF_8)));
        small = Files.write(
                folder.resolve("small.txt.zst"),
                TestFiles.zstd(TestFiles.lines(500).replace("document", "small").getBytes(UTF_8)));
    }

    private PackConfig mixture() {
        return config(
                source("large", 3.0, null, large),
                source("middle", 1.0, null, middle),
                source("small", null, 2.0, small));
    }

    private Path out(String name) {
        return folder.resolve("packs").resolve(name);
    }

    @Test
    void bytesDoNotDependOnThreads() throws IOException {
        long textBytes = (TestFiles.lines(6000).replace("document", "large")
                        + TestFiles.lines(3000).replace("document", "middle")
                        + TestFiles.lines(500).replace("document", "small"))
                .replace("\n", "")
                .length();
        Map<String, byte[]> first = null;
        for (int threads : new int[] {1, 2, 4}) {
            Path out = out("threads" + threads);
            MixResult result = pack(mixture(), out, tokenizer, PackTests.SILENT, threads);
            Map<String, byte[]> now = bytes(out);
            first = first == null ? now : first;
            assertThat(now.keySet()).isEqualTo(first.keySet()).contains("train-00003.bin", "pack.json");
            for (String name : now.keySet()) {
                assertThat(now.get(name)).as("%s, %d threads", name, threads).isEqualTo(first.get(name));
            }
            assertThat(WorkFolder.of(out)).doesNotExist();
            assertThat(result.tokenisedTextBytes()).isEqualTo(textBytes);
        }
    }

    @Test
    void weightsAndEpochsGiveTheDocumentedShares() throws IOException {
        Path out = out("mix");
        PackManifest manifest = pack(mixture(), out).manifest();
        PackManifest.Source big = manifest.sources().get(0);
        PackManifest.Source mid = manifest.sources().get(1);
        PackManifest.Source few = manifest.sources().get(2);
        // The documented formulas: W = min(n_i sum(w) / w_i), t_i = W w_i / sum(w); epochs: t = e n.
        double together = Math.min(big.tokens() * 4 / 3.0, mid.tokens() * 4.0);
        assertThat(big.targetTokens()).isEqualTo(Math.round(together * 3 / 4));
        assertThat(mid.targetTokens()).isEqualTo(Math.round(together / 4));
        assertThat(few.targetTokens()).isEqualTo(2 * few.tokens());
        assertThat(few.packedTokens()).isEqualTo(2 * few.tokens());
        assertThat(big.packedTokens()).isBetween(big.targetTokens(), big.targetTokens() + 100);
        assertThat(mid.packedTokens()).isBetween(mid.targetTokens(), mid.targetTokens() + 100);
        try (TokenPack pack = TokenPack.open(out)) {
            List<String> texts = documents(pack.train(), tokenizer);
            assertThat(texts).hasSize((int) manifest.train().documents());
            Map<String, Integer> times = new HashMap<>();
            texts.forEach(text -> times.merge(text, 1, Integer::sum));
            times.forEach((text, count) -> assertThat(count).as(text).isEqualTo(text.startsWith("small") ? 2 : 1));
            assertThat(times.keySet().stream().filter(text -> text.startsWith("small")))
                    .hasSize((int) few.documents());
            assertEvenFromTheBeginning(texts, manifest);
        }
    }

    /** In every beginning of the stream each source is as far as the others, but for a document. */
    private static void assertEvenFromTheBeginning(List<String> texts, PackManifest manifest) {
        double longest = 80;
        Map<String, Long> taken = new HashMap<>();
        for (String text : texts) {
            taken.merge(text.substring(0, text.indexOf(' ')), text.length() + 1L, Long::sum);
            double least = Double.POSITIVE_INFINITY;
            double most = 0;
            double step = 0;
            for (PackManifest.Source source : manifest.sources()) {
                double done = (double) taken.getOrDefault(source.name(), 0L) / source.targetTokens();
                least = Math.min(least, done);
                most = Math.max(most, done);
                step = Math.max(step, longest / source.targetTokens());
            }
            assertThat(most - least).isLessThanOrEqualTo(step);
        }
    }

    @Test
    void aLengthRepeatsWhatItMust() {
        long tokens = 400_000;
        PackManifest manifest = pack(
                        config(tokens, 1L, 0.1, source("small", 1.0, null, small), source("large", 1.0, null, large)),
                        out("long"))
                .manifest();
        for (PackManifest.Source source : manifest.sources()) {
            assertThat(source.targetTokens()).isEqualTo(tokens / 2);
            assertThat(source.packedTokens()).isBetween(tokens / 2, tokens / 2 + 100);
        }
        assertThat(manifest.sources().get(0).packedTokens())
                .isGreaterThan(10 * manifest.sources().get(0).tokens());
    }

    @Test
    void everyEpochIsCompleteAndShuffledAnewBySeedAndName() throws IOException {
        List<List<String>> orders = new ArrayList<>();
        for (long seed : new long[] {1, 2}) {
            Path out = out("seed" + seed);
            PackManifest manifest = pack(config(null, seed, 0.1, source("small", null, 2.5, small)), out)
                    .manifest();
            try (TokenPack pack = TokenPack.open(out)) {
                List<String> texts = documents(pack.train(), tokenizer);
                int each = (int) manifest.sources().get(0).documents();
                orders.add(texts.subList(0, each));
                orders.add(texts.subList(each, 2 * each));
                assertThat(new TreeSet<>(texts.subList(0, each))).hasSize(each);
                assertThat(new TreeSet<>(texts.subList(each, 2 * each))).hasSize(each);
                long rest = manifest.sources().get(0).packedTokens()
                        - 2 * manifest.sources().get(0).tokens();
                assertThat(2.0 * rest)
                        .isBetween(
                                (double) manifest.sources().get(0).tokens() - 1,
                                (double) manifest.sources().get(0).tokens() + 200);
            }
        }
        Path renamed = out("renamed");
        pack(config(null, 1L, 0.1, source("other", null, 1.0, small)), renamed);
        try (TokenPack pack = TokenPack.open(renamed)) {
            orders.add(documents(pack.train(), tokenizer));
        }
        assertThat(orders).doesNotHaveDuplicates();
        assertThat(orders).allSatisfy(order -> assertThat(order).containsExactlyInAnyOrderElementsOf(orders.get(0)));
    }

    @Test
    void heldOutDocumentsAreThoseOfARunsOwnPacking() throws IOException {
        Path out = out("held");
        pack(config(null, 1L, 0.2, source("large", null, 3.0, large), source("middle", 1.0, null, middle)), out);
        DataConfig run = TestFiles.config(folder, List.of("large.txt", "middle.txt.gz"), List.of(), 0.2);
        try (TokenPack pack = TokenPack.open(out);
                TokenCorpus corpus = CorpusPacker.pack(run, tokenizer)) {
            List<String> held = documents(pack.validation(), tokenizer);
            assertThat(held)
                    .isEqualTo(documents(corpus.validation(), tokenizer))
                    .hasSizeGreaterThan(1000);
            assertThat(new TreeSet<>(documents(pack.train(), tokenizer)))
                    .isEqualTo(new TreeSet<>(documents(corpus.train(), tokenizer)))
                    .doesNotContainAnyElementsOf(held);
        }
    }

    @Test
    void validationMayHaveFilesOfItsOwn() {
        PackConfig config = new PackConfig(
                List.of(source("large", null, null, large)),
                null,
                List.of(small.toString()),
                null,
                "characters",
                null,
                null,
                null,
                null,
                null);
        PackManifest manifest = pack(config, out("own")).manifest();
        assertThat(manifest.sources().get(0).documents()).isEqualTo(6000);
        assertThat(manifest.validation().documents()).isEqualTo(500);
        assertThat(manifest.validationFiles()).hasSize(1);
        assertThat(manifest.settings().validationFraction()).isNull();
    }

    @Test
    void aSecondCallDoesNothingAndAnotherMixtureIsRefused() throws IOException {
        Path out = out("again");
        MixResult first = pack(mixture(), out);
        Map<String, byte[]> before = bytes(out);
        CountingTokenizer counting = new CountingTokenizer();
        MixResult second = pack(mixture(), out, counting, PackTests.SILENT, 1);
        assertThat(second.reused()).isTrue();
        assertThat(second.manifest()).isEqualTo(first.manifest());
        assertThat(counting.encoded()).isZero();
        assertThat(bytes(out).keySet()).isEqualTo(before.keySet());
        assertThatThrownBy(() -> pack(config(source("large", null, null, large)), out))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds a pack of other text or settings")
                .hasMessageContaining(first.manifest().fingerprint())
                .extracting("kind")
                .isEqualTo(InputException.Kind.CONFIGURATION);
        Files.writeString(large, "one more\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> pack(mixture(), out)).hasMessageContaining("holds a pack of other text");
    }

    @Test
    void aFolderWithOtherThingsIsLeftAlone() throws IOException {
        Path out = Files.createDirectories(out("mine"));
        pack(mixture(), out); // An empty folder is taken.
        Path full = Files.createDirectories(out("full"));
        Files.writeString(full.resolve("thesis.txt"), "mine");
        assertThatThrownBy(() -> pack(mixture(), full))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is no packed corpus");
        assertThat(full.resolve("thesis.txt")).hasContent("mine");
        Path inside = out("new").resolve("bad.ndjson");
        assertThatThrownBy(() ->
                        MixPacker.pack(mixture(), tokenizer, out("new"), PackOptions.of(1, inside), PackTests.SILENT))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("lies in --out");
    }

    @Test
    void fingerprintsTellMixturesApartAndNotFolders() throws IOException {
        TreeSet<String> fingerprints = new TreeSet<>();
        int number = 0;
        for (PackConfig config : List.of(
                config(null, 1L, 0.1, source("s", null, 1.0, small)),
                config(null, 2L, 0.1, source("s", null, 1.0, small)),
                config(null, 1L, 0.2, source("s", null, 1.0, small)),
                config(null, 1L, 0.1, source("s", null, 2.0, small)),
                config(null, 1L, 0.1, source("s", 1.0, null, small)),
                config(null, 1L, 0.1, source("t", null, 1.0, small)))) {
            fingerprints.add(pack(config, out("f" + number++)).manifest().fingerprint());
        }
        fingerprints.add(pack(
                        config(null, 1L, 0.1, source("s", null, 1.0, small)),
                        out("tokenizer"),
                        new CharTokenizer(50_000),
                        PackTests.SILENT,
                        1)
                .manifest()
                .fingerprint());
        assertThat(fingerprints).hasSize(7);
        Path copy = Files.copy(
                small, Files.createDirectories(folder.resolve("elsewhere")).resolve("small.txt.zst"));
        MixResult moved = pack(config(null, 1L, 0.1, source("s", null, 1.0, copy)), out("moved"));
        assertThat(fingerprints).contains(moved.manifest().fingerprint());
    }

    @Test
    void rowsGoIntoQuarantineWithTheirPlaces() throws IOException {
        byte[] rows = (good(1500) + "{\"text\": 7}\n" + good(2000) + "\u00ff{\n" + good(100)).getBytes(UTF_8);
        int broken = good(3500).length() + "{\"text\": 7}\n".length();
        rows[broken] = (byte) 0xFF; // A first byte that no UTF-8 has, so that the row cannot be shown as text.
        Path file = Files.write(folder.resolve("rows.jsonl.gz"), TestFiles.gzip(rows));
        PackConfig config = PackTests.withBadRows(
                "quarantine", null, source("rows", null, null, file), source("large", null, null, large));
        MixResult result = pack(config, out("quarantine"));
        assertThat(result.manifest().rows()).isEqualTo(new PackManifest.Rows(9602, 2, 0, 0));
        assertThat(result.manifest().sources().get(0).rows()).isEqualTo(new PackManifest.Rows(3602, 2, 0, 0));
        List<JsonNode> bad = lines(result.quarantine());
        assertThat(bad).hasSize(2);
        assertThat(bad.get(0).get("file").asText()).isEqualTo(file.toString().replace('\\', '/'));
        assertThat(bad.get(0).get("line").asLong()).isEqualTo(1501);
        assertThat(bad.get(0).get("byteOffset").asLong()).isEqualTo(good(1500).length());
        assertThat(bad.get(0).get("problemOffset").asLong())
                .isEqualTo(good(1500).length() + 9);
        assertThat(bad.get(0).get("reason").asText()).contains("not a string");
        assertThat(bad.get(0).get("row").asText()).isEqualTo("{\"text\": 7}");
        assertThat(bad.get(1).get("line").asLong()).isEqualTo(3502);
        assertThat(bad.get(1).get("byteOffset").asLong()).isEqualTo(broken);
        assertThat(bad.get(1).get("rowBase64").binaryValue()).hasSize(3).startsWith((byte) 0xFF);
        assertThat(pack(config, out("quarantine")).quarantine()).isEqualTo(result.quarantine());
    }

    /** The file of bad rows is replaced or removed, which must happen to no other. */
    @Test
    void aFileThatIsNoQuarantineIsNotTakenForOne() throws IOException {
        Path rows = TestFiles.write(folder, "rows.jsonl", good(1500) + "{\n");
        Path notes = TestFiles.write(folder, "notes", "mine");
        Path clean = TestFiles.write(folder, "clean.jsonl", good(1500));
        for (Path text : List.of(rows, clean)) {
            PackConfig config = PackTests.withBadRows("quarantine", null, source("rows", null, null, text));
            for (Path taken : List.of(text, notes, folder)) {
                assertThatThrownBy(() -> MixPacker.pack(
                                config, tokenizer, out("taken"), PackOptions.of(1, taken), PackTests.SILENT))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("--quarantine " + taken + ": exists and is no file of bad rows")
                        .extracting("kind")
                        .isEqualTo(InputException.Kind.CONFIGURATION);
            }
        }
        assertThat(rows).hasContent(good(1500) + "{\n");
        assertThat(clean).hasContent(good(1500));
        assertThat(notes).hasContent("mine");
        Path inWork = WorkFolder.of(out("taken")).resolve("parts").resolve("bad");
        PackConfig config = PackTests.withBadRows("quarantine", null, source("rows", null, null, rows));
        assertThatThrownBy(() ->
                        MixPacker.pack(config, tokenizer, out("taken"), PackOptions.of(1, inWork), PackTests.SILENT))
                .hasMessageContaining("lies in --out");

        Path earlier = pack(config, out("again")).quarantine();
        assertThat(lines(earlier)).hasSize(1);
        PackFolder.deleteTree(out("again"));
        assertThat(pack(config, out("again")).quarantine()).isEqualTo(earlier);
        assertThat(lines(earlier)).hasSize(1);
        Files.delete(earlier);
        assertThat(pack(config, out("again")).quarantine()).isNull();
    }

    /** Rows of equal length. */
    private static String good(int count) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append("{\"text\": \"good row ").append(10_000 + i).append("\"}\n");
        }
        return rows.toString();
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void tooManyBadRowsStopThePackingAndAreShown() throws IOException {
        Path few = TestFiles.write(folder, "few.jsonl", good(99) + "{\n");
        Path many = TestFiles.write(folder, "many.jsonl", good(2000) + "{\n".repeat(3) + good(9000));
        for (Path file : List.of(few, many)) {
            Path out = out("bad-" + file.getFileName());
            PackConfig strict = PackTests.withBadRows("quarantine", null, source("rows", null, null, file));
            String place = file.equals(few) ? "1 of all 100 rows" : "3 of the first 2003 rows";
            assertThatThrownBy(() -> pack(strict, out))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(place + " cannot be used, more than one in a thousand")
                    .hasMessageContaining("--max-bad-share")
                    .hasMessageContaining("The bad rows are in ")
                    .extracting("kind")
                    .isEqualTo(InputException.Kind.ENVIRONMENT);
            assertThat(lines(PackTests.options(1, out).quarantine())).hasSize(file.equals(few) ? 1 : 3);
            assertThat(out).doesNotExist();
            PackConfig lenient = PackTests.withBadRows("skip", 0.02, source("rows", null, null, file));
            assertThat(pack(lenient, out).manifest().rows().bad()).isEqualTo(file.equals(few) ? 1 : 3);
        }
        PackConfig fails = PackTests.withBadRows("fail", null, source("rows", null, null, few));
        assertThatThrownBy(() -> pack(fails, out("fails")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("few.jsonl, line 100, byte ")
                .hasMessageContaining("--bad-rows skip");
    }

    /** A part that ends with the last row leaves an empty one behind it, in the middle of the source. */
    @Test
    void partsWithoutDocumentsDoNoHarm() throws IOException {
        List<String> all = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            StringBuilder rows = new StringBuilder();
            for (int row = 0; row < 40; row++) {
                String text = String.format("%d%04d", file, row) + "x".repeat(995);
                all.add(text);
                rows.append(text).append('\n');
            }
            files.add(TestFiles.write(folder, "even" + file + ".txt", rows.toString()));
        }
        Path out = out("even");
        pack(config(source("even", null, null, files.toArray(Path[]::new))), out);
        try (TokenPack pack = TokenPack.open(out)) {
            List<String> packed = documents(pack.train(), tokenizer);
            packed.addAll(documents(pack.validation(), tokenizer));
            assertThat(packed).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    @Test
    void filesThatServeTwiceAreRefused() {
        assertThatThrownBy(() ->
                        pack(config(source("a", null, null, small), source("b", null, null, folder)), out("twice")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("source b")
                .hasMessageContaining("belongs to an earlier source too");
    }

    @Test
    void sourcesWithoutTextAreNamed() throws IOException {
        Path empty = TestFiles.write(folder, "empty.txt", "\n \n");
        Path one = TestFiles.write(folder, "one.txt", "only\n");
        assertThatThrownBy(() ->
                        pack(config(source("a", null, null, small), source("b", null, null, empty)), out("empty")))
                .hasMessageContaining("source b has no documents");
        assertThatThrownBy(() -> pack(config(null, 1L, 1e-9, source("a", null, null, one)), out("one")))
                .hasMessageContaining("leaves the validation set without any document");
        assertThatThrownBy(() -> pack(config(null, 1L, 1 - 1e-9, source("a", null, null, one)), out("one")))
                .hasMessageContaining("takes all 1 documents of source a");
        assertThatThrownBy(() -> pack(
                        config(10L, 1L, 0.1, source("a", null, null, small), source("b", 1.0, null, large)),
                        out("short")))
                .hasMessageContaining("tokens 10 leave nothing for the sources of a weight");
        assertThatThrownBy(() -> pack(config(Long.MAX_VALUE / 2, 1L, 0.1, source("a", 1.0, null, small)), out("vast")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the mixture takes 9223372036.9 GB on the disk")
                .extracting("kind")
                .isEqualTo(InputException.Kind.ENVIRONMENT);
        assertThat(WorkFolder.of(out("vast")).resolve("stage")).isEmptyDirectory();
    }
}
