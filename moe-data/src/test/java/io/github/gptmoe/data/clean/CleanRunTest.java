package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanRunTest {
    private static final CorpusProgress QUIET = (phase, documents, fraction) -> {};
    private static final String GOOD = "这是第%d篇文章，讲的是一件小事：昨天下午，巷口来了一位卖糖葫芦的老人。";

    @TempDir
    Path folder;

    private static String row(String text) throws IOException {
        return JsonMapper.builder().build().writeValueAsString(Map.of("text", text)) + "\n";
    }

    private void write(String name, String rows) throws IOException {
        Path file = folder.resolve("in").resolve(name);
        Files.createDirectories(file.getParent());
        if (!name.endsWith(".gz")) {
            Files.writeString(file, rows);
            return;
        }
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(rows.getBytes(UTF_8));
        }
    }

    private CleanRequest request(String out, int threads) {
        return request(out, threads, CleanConfig.defaults());
    }

    private CleanRequest request(String out, int threads, CleanConfig config) {
        List<Path> files =
                CorpusFiles.ofOption("--input", List.of(folder.resolve("in").toString()));
        return new CleanRequest(InputFile.of(files), folder.resolve(out), config, RowRules.of(BadRows.SKIP), threads);
    }

    private List<String> texts(String out) {
        List<String> texts = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(folder.resolve(out)), BadRows.FAIL)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                texts.add(next.text());
            }
        }
        return texts;
    }

    private Map<String, String> contents(String out) throws IOException {
        Map<String, String> contents = new HashMap<>();
        try (Stream<Path> walk = Files.walk(folder.resolve(out))) {
            for (Path file : walk.filter(Files::isRegularFile)
                    .filter(path -> !path.toString().contains(".state"))
                    .toList()) {
                contents.put(
                        folder.resolve(out).relativize(file).toString(),
                        new String(Files.readAllBytes(file), ISO_8859_1));
            }
        }
        return contents;
    }

    @Test
    void documentsAreCountedByRule_withSamples() throws IOException {
        String good = String.format(GOOD, 1);
        write("a.txt", good + "\n\n<b>" + good + "</b>\nshort\n");
        write("b.jsonl.gz", row("English text that is long enough, but not Chinese.") + row("电话13812345678，" + good));
        write("c.jsonl.zst.txt", "  \n");
        CleanManifest manifest = new CleanRun(request("out", 2), QUIET).run();
        assertThat(texts("out/a.jsonl")).containsExactly(good, good);
        assertThat(texts("out/b.jsonl.gz")).containsExactly("电话<phone>，" + good);
        assertThat(texts("out/c.jsonl.zst.jsonl")).isEmpty();
        CleanCounts totals = manifest.totals();
        assertThat(totals.documents()).isEqualTo(5);
        assertThat(totals.unchanged()).isEqualTo(1);
        assertThat(totals.changed()).isEqualTo(2);
        assertThat(totals.dropped()).isEqualTo(2);
        assertThat(totals.rules())
                .containsEntry("html", new RuleCount(1, 0))
                .containsEntry("masks", new RuleCount(1, 0))
                .containsEntry("length", new RuleCount(0, 1))
                .containsEntry("language", new RuleCount(0, 1))
                .hasSize(4);
        assertThat(totals.samples())
                .contains(new CleanSample("html", "a.txt", 3, "", "<b>" + good + "</b>", good))
                .anySatisfy(sample -> {
                    assertThat(sample.rule()).isEqualTo("language");
                    assertThat(sample.file()).isEqualTo("b.jsonl.gz");
                    assertThat(sample.reason()).contains("0.000");
                });
        assertThat(totals.before().texts()).isEqualTo(5);
        assertThat(totals.after().lengths().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(3);
        JsonNode written = JsonMapper.builder()
                .build()
                .readTree(Files.readString(folder.resolve("out").resolve(CleanRun.MANIFEST)));
        assertThat(written.get("config").get("length").get("minimumCharacters").asInt())
                .isEqualTo(10);
        assertThat(written.get("files")).hasSize(3);
        assertThat(written.get("settings").asText()).hasSize(64);
    }

    private void writeLarge() throws IOException {
        for (String name : List.of("a.jsonl", "deep/b.jsonl.gz", "c.jsonl")) {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                String text = String.format(GOOD, i).repeat(1);
                StringBuilder varied = new StringBuilder();
                for (int k = 0; k < 2000; k++) {
                    varied.append((char) ('一' + (i * 7919 + k * k + k) % 5000)).append(k % 20 == 19 ? "，" : "");
                }
                rows.append(row(i % 5 == 0 ? "<p>" + text + varied + "</p>" : i % 7 == 0 ? "no" : text + varied));
            }
            write(name, rows.toString());
        }
    }

    @Test
    void threadsChangeNothing() throws IOException {
        writeLarge();
        CleanManifest one = new CleanRun(request("one", 1), QUIET).run();
        CleanManifest four = new CleanRun(request("four", 4), QUIET).run();
        assertThat(four).isEqualTo(one);
        assertThat(contents("four")).isEqualTo(contents("one")).hasSize(4);
        assertThat(one.totals().dropped()).isEqualTo(3 * 34);
    }

    @Test
    void aKilledRunGoesOn() throws IOException {
        writeLarge();
        new CleanRun(request("whole", 2), QUIET).run();
        CorpusProgress killed = (phase, documents, fraction) -> {
            if (fraction > 0.5 && fraction < 1) {
                throw new IllegalStateException("killed");
            }
        };
        assertThatThrownBy(() -> new CleanRun(request("killed", 2), killed).run())
                .hasMessage("killed");
        Map<String, String> whole = contents("whole");
        Map<String, String> left = contents("killed");
        assertThat(left).isNotEmpty().doesNotContainKey(CleanRun.MANIFEST).hasSizeLessThan(3);
        left.forEach((name, text) -> assertThat(text).isEqualTo(whole.get(name)));
        String first = left.keySet().iterator().next();
        FileTime before = Files.getLastModifiedTime(folder.resolve("killed").resolve(first));
        new CleanRun(request("killed", 2), QUIET).run();
        assertThat(contents("killed")).isEqualTo(whole);
        assertThat(Files.getLastModifiedTime(folder.resolve("killed").resolve(first)))
                .isEqualTo(before);
    }

    @Test
    void otherSettingsAreDoneAgain() throws IOException {
        write("a.txt", "<b>" + String.format(GOOD, 1) + "</b>\n");
        new CleanRun(request("out", 1), QUIET).run();
        CleanConfig standard = CleanConfig.defaults();
        CleanConfig other = new CleanConfig(
                null,
                new HtmlRule(false, true),
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
                null);
        CleanManifest again = new CleanRun(request("out", 1, other), QUIET).run();
        assertThat(texts("out/a.jsonl")).singleElement().asString().startsWith("<b>");
        assertThat(again.settings())
                .isNotEqualTo(
                        new CleanRun(request("out", 1, standard), QUIET).run().settings());
        assertThat(texts("out/a.jsonl")).singleElement().asString().startsWith("这");
        Files.delete(folder.resolve("out/a.jsonl"));
        new CleanRun(request("out", 1, standard), QUIET).run();
        assertThat(texts("out/a.jsonl")).hasSize(1);
    }

    @Test
    void badRowsFollowThePolicy() throws IOException {
        StringBuilder rows = new StringBuilder("{broken\n");
        for (int i = 0; i < 1500; i++) {
            rows.append(row(String.format(GOOD, i)));
        }
        write("a.jsonl", rows.toString());
        CleanManifest manifest = new CleanRun(request("out", 2), QUIET).run();
        assertThat(manifest.rows().rows()).isEqualTo(1501);
        assertThat(manifest.rows().skipped()).isEqualTo(1);
        CleanRequest strict = new CleanRequest(
                request("out", 2).inputs(),
                folder.resolve("strict"),
                CleanConfig.defaults(),
                RowRules.of(BadRows.FAIL),
                2);
        assertThatThrownBy(() -> new CleanRun(strict, QUIET).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("line 1");
    }

    private CleanRequest quarantining(double share, String longRows) {
        RowRules rules = RowRules.of("quarantine", share, longRows, 400, folder.resolve("bad.ndjson"));
        return new CleanRequest(request("out", 2).inputs(), folder.resolve("out"), CleanConfig.defaults(), rules, 2);
    }

    @Test
    void badRowsAreKept_alsoThoseOfFilesThatWereDoneBefore() throws IOException {
        String good = row(String.format(GOOD, 1));
        write("a.jsonl", good + "{broken\n");
        write("b.jsonl", good + row("长".repeat(200)) + good);
        CleanManifest manifest = new CleanRun(quarantining(0.5, "refuse"), QUIET).run();
        assertThat(manifest.rows()).isEqualTo(new DocumentGroups.Rows(5, 2, 0, 0));
        List<String> bad = Files.readAllLines(folder.resolve("bad.ndjson"));
        assertThat(bad).hasSize(2);
        JsonNode first = JsonMapper.builder().build().readTree(bad.get(0));
        assertThat(first.get("line").asInt()).isEqualTo(2);
        assertThat(first.get("byteOffset").asInt()).isEqualTo(good.getBytes(UTF_8).length);
        assertThat(first.get("row").asText()).isEqualTo("{broken");
        assertThat(bad.get(1)).contains("b.jsonl", "longer than 400 bytes");
        Files.delete(folder.resolve("bad.ndjson"));
        new CleanRun(quarantining(0.5, "refuse"), QUIET).run();
        assertThat(Files.readAllLines(folder.resolve("bad.ndjson"))).isEqualTo(bad);
    }

    @Test
    void tooManyBadRowsEndTheRun_andAreShown() throws IOException {
        write("a.jsonl", row(String.format(GOOD, 1)) + "{broken\n");
        new CleanRun(quarantining(0.5, "refuse"), QUIET).run();
        assertThat(folder.resolve("out/manifest.json")).exists();
        Files.delete(folder.resolve("bad.ndjson"));
        assertThatThrownBy(() -> new CleanRun(quarantining(0.3, "refuse"), QUIET).run())
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("1 of all 2 rows", "30 %", "--max-bad-share", "bad.ndjson");
        assertThat(Files.readAllLines(folder.resolve("bad.ndjson"))).hasSize(1);
        assertThat(folder.resolve("out/manifest.json")).doesNotExist();
    }

    @Test
    void longRowsAreCutIfAskedFor() throws IOException {
        String varied = "天地玄黄宇宙洪荒日月盈昃辰宿列张，寒来暑往秋收冬藏闰余成岁律吕调阳。";
        write("a.jsonl", row(varied.repeat(5)));
        CleanRequest request = quarantining(0, "cut");
        CleanConfig all = new CleanConfig(
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
                new RepetitionRule(false, null, null, null, null, null, null, null),
                null,
                null);
        CleanManifest manifest =
                new CleanRun(new CleanRequest(request.inputs(), request.out(), all, request.rows(), 1), QUIET).run();
        assertThat(manifest.rows()).isEqualTo(new DocumentGroups.Rows(1, 0, 0, 1));
        assertThat(texts("out/a.jsonl"))
                .singleElement()
                .satisfies(text -> assertThat(varied.repeat(5)).startsWith(text).hasSizeGreaterThan(text.length()));
        assertThat(folder.resolve("bad.ndjson")).doesNotExist();
    }

    @Test
    void aFolderHasOneWriter() throws IOException {
        write("a.txt", String.format(GOOD, 1));
        try (OutputFolder held = OutputFolder.open(folder.resolve("out"))) {
            assertThatThrownBy(() -> new CleanRun(request("out", 1), QUIET).run())
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another process is writing");
        }
    }

    @Test
    void outputsMustHaveNamesOfTheirOwn() throws IOException {
        write("a.txt", "一");
        write("a.jsonl", row("二"));
        assertThatThrownBy(() -> request("out", 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("would both be written to a.jsonl");
    }
}
