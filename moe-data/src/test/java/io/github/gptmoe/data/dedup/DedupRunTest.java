package io.github.gptmoe.data.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DedupRunTest {
    private static final CorpusProgress QUIET = (phase, documents, fraction) -> {};

    @TempDir
    Path folder;

    private static String draw(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i % 17 == 16 ? '。' : (char) ('一' + random.nextInt(900)));
        }
        return text.toString();
    }

    private static String replace(String text, int every) {
        StringBuilder edited = new StringBuilder(text);
        for (int i = every / 2; i < text.length(); i += every) {
            edited.setCharAt(i, '龘');
        }
        return edited.toString();
    }

    private Path write(String name, List<String> texts) throws IOException {
        StringBuilder rows = new StringBuilder();
        for (String text : texts) {
            rows.append(JsonMapper.builder().build().writeValueAsString(Map.of("text", text)))
                    .append('\n');
        }
        Path file = folder.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, rows.toString().getBytes(UTF_8));
    }

    private DedupRequest request(String out, DedupConfig config, List<Path> inputs, List<Path> against, int threads) {
        return new DedupRequest(
                InputFile.of(inputs),
                folder.resolve(out),
                config,
                against,
                List.of(),
                RowRules.of(BadRows.FAIL),
                threads);
    }

    private static List<String> texts(Path file) {
        List<String> texts = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(file), BadRows.FAIL)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                texts.add(next.text());
            }
        }
        return texts;
    }

    private List<RemovedRow> removed(String out) throws IOException {
        List<RemovedRow> rows = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(out).resolve(DedupRun.REMOVED))) {
            rows.add(JsonMapper.builder().build().readValue(line, RemovedRow.class));
        }
        return rows;
    }

    @Test
    void theFirstStays_withinAndAcrossFiles() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        String a = draw(random, 400);
        String b = draw(random, 400);
        String c = draw(random, 400);
        Path one = write("one.jsonl", List.of(a, b, "  " + a.replace("。", "！"), replace(b, 80)));
        Path two = write("sub/two.jsonl.gz.jsonl", List.of(c, replace(a, 10), b, replace(c, 100)));
        DedupManifest manifest =
                new DedupRun(request("out", DedupConfig.defaults(), List.of(one, two), List.of(), 2), QUIET).run();
        assertThat(texts(folder.resolve("out/one.jsonl"))).containsExactly(a, b);
        assertThat(texts(folder.resolve("out/sub/two.jsonl.gz.jsonl"))).containsExactly(c, replace(a, 10));
        assertThat(manifest.totals()).isEqualTo(new DedupCounts(8, 4, 2, 2, 0, 0));
        List<RemovedRow> removed = removed("out");
        assertThat(removed).extracting(RemovedRow::kind).containsExactly("exact", "near", "exact", "near");
        assertThat(removed).extracting(RemovedRow::line).containsExactly(3L, 4L, 3L, 4L);
        assertThat(removed.get(2).of()).isEqualTo(new RemovedRow.Place("one.jsonl", 2));
        assertThat(removed.get(3).similarity()).isBetween(0.8, 1.0);
        assertThat(removed.get(0).similarity()).isNull();
    }

    @Test
    void chainsAreOneCluster_whateverTheirOrder() throws IOException {
        // b is similar to a and to c, which are not similar to each other.
        SplittableRandom random = new SplittableRandom(2);
        String b = draw(random, 900);
        String a = replace(b.substring(0, 450), 40) + b.substring(450);
        String c = b.substring(0, 450) + replace(b.substring(450), 40);
        assertThat(similarity(a, b)).isGreaterThan(0.85);
        assertThat(similarity(a, c)).isLessThan(0.8);
        Path file = write("chain.jsonl", List.of(a, c, b));
        new DedupRun(request("out", DedupConfig.defaults(), List.of(file), List.of(), 1), QUIET).run();
        assertThat(texts(folder.resolve("out/chain.jsonl"))).containsExactly(a);
        assertThat(removed("out")).extracting(RemovedRow::of).containsOnly(new RemovedRow.Place("chain.jsonl", 1));
    }

    private static double similarity(String one, String other) {
        return Shingles.jaccard(Shingles.distinct(MatchText.of(one), 5), Shingles.distinct(MatchText.of(other), 5));
    }

    @Test
    void clustersEqualThoseOfANaiveLoop() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            boolean copy = i > 0 && random.nextInt(3) == 0;
            String text = copy ? texts.get(random.nextInt(i)) : draw(random, 100 + random.nextInt(300));
            texts.add(copy && random.nextBoolean() ? replace(text, 20 + random.nextInt(150)) : text);
        }
        List<String> expected = new ArrayList<>();
        int[] firsts = naiveFirsts(texts);
        for (int i = 0; i < firsts.length; i++) {
            if (firsts[i] == i) {
                expected.add(texts.get(i));
            }
        }
        Path file = write("a.jsonl", texts);
        // More values than usual, so that no pair above the threshold is missed by chance.
        DedupConfig sure = new DedupConfig(0.8, 5, 512, 0.99999, null, null, null, null);
        new DedupRun(request("out", sure, List.of(file), List.of(), 2), QUIET).run();
        assertThat(texts(folder.resolve("out/a.jsonl"))).isEqualTo(expected);
        assertThat(expected).hasSizeBetween(150, 290);
    }

    private static int[] naiveFirsts(List<String> texts) {
        int[] firsts = new int[texts.size()];
        for (int i = 0; i < firsts.length; i++) {
            firsts[i] = i;
        }
        for (int i = 0; i < firsts.length; i++) {
            for (int k = 0; k < i; k++) {
                if (similarity(texts.get(i), texts.get(k)) >= 0.8) {
                    int low = Math.min(firsts[i], firsts[k]);
                    int high = Math.max(firsts[i], firsts[k]);
                    for (int all = 0; all < firsts.length; all++) {
                        firsts[all] = firsts[all] == high ? low : firsts[all];
                    }
                }
            }
        }
        return firsts;
    }

    @Test
    void equalTextsAloneIfAskedFor() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        String a = draw(random, 300);
        Path file = write("a.jsonl", List.of(a, replace(a, 100), a + "！"));
        DedupConfig exact = new DedupConfig(0.0, null, null, null, null, null, null, null);
        DedupManifest manifest = new DedupRun(request("out", exact, List.of(file), List.of(), 1), QUIET).run();
        assertThat(manifest.banding()).isNull();
        assertThat(texts(folder.resolve("out/a.jsonl"))).containsExactly(a, replace(a, 100));
    }

    /** Inputs of several groups, so that threads have something to do at once. */
    private List<Path> large() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        List<Path> files = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (String name : List.of("a.jsonl", "b.jsonl", "c.jsonl")) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                boolean copy = !all.isEmpty() && random.nextInt(4) == 0;
                String text = copy ? all.get(random.nextInt(all.size())) : draw(random, 2000);
                texts.add(copy && random.nextBoolean() ? replace(text, 150) : text);
                all.add(texts.get(i));
            }
            files.add(write(name, texts));
        }
        return files;
    }

    private Map<String, String> contents(String out) throws IOException {
        Map<String, String> contents = new HashMap<>();
        try (Stream<Path> walk = Files.walk(folder.resolve(out))) {
            for (Path file : walk.filter(Files::isRegularFile)
                    .filter(path -> !path.toString().contains(".state"))
                    .toList()) {
                contents.put(
                        folder.resolve(out).relativize(file).toString(), new String(Files.readAllBytes(file), UTF_8));
            }
        }
        return contents;
    }

    @Test
    void threadsChangeNothing() throws IOException {
        List<Path> files = large();
        new DedupRun(request("one", DedupConfig.defaults(), files, List.of(), 1), QUIET).run();
        new DedupRun(request("four", DedupConfig.defaults(), files, List.of(), 4), QUIET).run();
        assertThat(contents("four")).isEqualTo(contents("one")).hasSize(5);
        assertThat(removed("one")).extracting(RemovedRow::kind).contains("exact", "near");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reading text", "reading candidates", "writing text"})
    void aKilledRunGoesOn(String phase) throws IOException {
        List<Path> files = large();
        new DedupRun(request("whole", DedupConfig.defaults(), files, List.of(), 2), QUIET).run();
        CorpusProgress killed = (now, documents, fraction) -> {
            if (now.equals(phase) && fraction > 0.5 && fraction < 1) {
                throw new IllegalStateException("killed");
            }
        };
        DedupRequest request = request("killed", DedupConfig.defaults(), files, List.of(), 2);
        assertThatThrownBy(() -> new DedupRun(request, killed).run()).hasMessage("killed");
        assertThat(contents("killed")).doesNotContainKey(DedupRun.MANIFEST);
        contents("killed").forEach((name, text) -> assertThat(text).isEqualTo(text(name)));
        new DedupRun(request, QUIET).run();
        assertThat(contents("killed")).isEqualTo(contents("whole"));
    }

    private String text(String name) {
        try {
            return Files.readString(folder.resolve("whole").resolve(name));
        } catch (IOException missing) {
            return "no such file";
        }
    }

    @Test
    void badRowsAreKeptOnce() throws IOException {
        SplittableRandom random = new SplittableRandom(6);
        String a = draw(random, 300);
        Path file = write("a.jsonl", List.of(a, replace(a, 100)));
        Files.writeString(file, "{broken\n" + Files.readString(file));
        RowRules rules = RowRules.of("quarantine", 0.5, "refuse", 1 << 20, folder.resolve("bad.ndjson"));
        DedupRequest request = new DedupRequest(
                InputFile.of(List.of(file)),
                folder.resolve("out"),
                DedupConfig.defaults(),
                List.of(),
                List.of(),
                rules,
                2);
        DedupManifest manifest = new DedupRun(request, QUIET).run();
        assertThat(manifest.totals()).isEqualTo(new DedupCounts(2, 1, 0, 1, 0, 0));
        assertThat(Files.readAllLines(folder.resolve("bad.ndjson")))
                .singleElement()
                .asString()
                .contains("{broken");
        assertThat(removed("out")).extracting(RemovedRow::line).containsExactly(3L);
        RowRules strict = RowRules.of(BadRows.FAIL);
        assertThatThrownBy(() -> new DedupRun(
                                new DedupRequest(
                                        request.inputs(),
                                        folder.resolve("strict"),
                                        DedupConfig.defaults(),
                                        List.of(),
                                        List.of(),
                                        strict,
                                        2),
                                QUIET)
                        .run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.jsonl, line 1, byte 1: broken JSON");
    }

    @Test
    void inputsMustNotLieInTheOutput() throws IOException {
        Path file = write("a.jsonl", List.of("甲乙丙丁"));
        DedupRequest request = request("in", DedupConfig.defaults(), List.of(file), List.of(), 1);
        assertThatThrownBy(() -> new DedupRun(request, QUIET).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("lies in the output folder");
    }

    @Test
    void settingsHaveLimits() {
        assertThat(DedupConfig.defaults().problems()).isEmpty();
        assertThat(new DedupConfig(1.5, 0, 0, 1.0, 3, 0.0, 20, null).problems())
                .containsOnlyKeys("near", "shingle", "hashes", "recall", "ngram", "overlap", "shortest");
        assertThat(new DedupConfig(0.3, 5, 4, 0.98, null, null, null, null).problems())
                .containsOnlyKeys("hashes");
    }
}
