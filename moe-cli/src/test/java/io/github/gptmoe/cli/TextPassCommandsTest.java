package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextPassCommandsTest {
    private static final String STORY = "山脚下有一座小村庄，村里的人以种茶为生。每年清明前后，漫山遍野都是采茶的歌声，一直飘到河对岸去。";
    private static final String QUESTION = "一家公司的产品在市场上的份额逐年下降，管理层决定降价促销，结果如何？";

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        Files.writeString(
                folder.resolve("in/a.txt"),
                "<p>" + STORY + "</p>\n" + STORY.replace("，", ", ") + "\n题目是这样的：" + QUESTION
                        + "\nplain English text, nothing else\n");
        Files.writeString(folder.resolve("test.json"), "{\"sentence\": \"" + QUESTION + "\"}\n");
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void clean_writesTextCountsAndAPage() throws Exception {
        Call call = moe("data", "clean", "--input", path("in"), "--out", path("out"), "--json");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        JsonNode totals = new ObjectMapper().readTree(call.out()).get("totals");
        assertThat(totals.get("documents").asInt()).isEqualTo(4);
        assertThat(totals.get("rules").get("html").get("changed").asInt()).isEqualTo(1);
        assertThat(totals.get("rules").get("language").get("dropped").asInt()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("out/a.jsonl"))).startsWith("{\"text\":\"" + STORY + "\"}\n");
        Path page = folder.resolve("out/report.html");
        String html = Files.readString(page);
        assertThat(html)
                .contains("share of Chinese characters 0.000", "a.txt, line 1", "language", "Documents by length");
        assertWellFormed(html);
    }

    @Test
    void thePageShowsWhatHasNoShape() throws Exception {
        Files.writeString(folder.resolve("in/a.txt"), "\uFEFF\u0007" + STORY + "\u200B\uFE0F\uFFFF" + STORY + "\n");
        Call call = moe("data", "clean", "--input", path("in"), "--out", path("out"));
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        String html = Files.readString(folder.resolve("out/report.html"));
        assertThat(html).contains("‹U+0007›" + STORY + "‹U+200B›‹U+FE0F›‹U+FFFF›" + STORY);
        assertWellFormed(html);
    }

    private static void assertWellFormed(String html) throws Exception {
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(
                        html.replace("<!DOCTYPE html>", "").getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void clean_takesSettings() throws IOException {
        Call call = moe(
                "data",
                "clean",
                "--input",
                path("in/a.txt"),
                "--out",
                path("out"),
                "--set",
                "language.allowLatin=true",
                "--set",
                "html.enabled=false",
                "--threads",
                "1");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out()).startsWith("4 documents: 4 unchanged").contains("report ");
        assertThat(Files.readString(folder.resolve("out/a.jsonl")))
                .contains("<p>")
                .contains("plain English");
    }

    @Test
    void clean_reportsAllProblemsAtOnce() {
        Call call = moe(
                "data",
                "clean",
                "--input",
                path("in"),
                "--out",
                path("out"),
                "--set",
                "language.minimumHan=3",
                "--set",
                "lenght.enabled=true",
                "--set",
                "entropy.minimumNats=many");
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("language.minimumHan", "length", "entropy.minimumNats");
        Call missing = moe("data", "clean", "--input", path("none"), "--out", path("out"));
        assertThat(missing.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(missing.err()).contains("--input: ").contains("does not exist");
        Call config = moe("data", "clean", "--input", path("in"), "--out", path("out"), "--config", "standart");
        assertThat(config.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(config.err()).contains("nearest name: standard");
        assertThat(moe("data", "clean", "--input", path("in"), "--out", path("out"), "--threads", "0")
                        .status())
                .isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void bothCommandsHaveThePoliciesOfPack() throws IOException {
        Files.writeString(folder.resolve("in/b.jsonl"), "{broken\n");
        for (String command : List.of("clean", "dedup")) {
            Call fails = moe("data", command, "--input", path("in"), "--out", path(command));
            assertThat(fails.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(fails.err()).contains("b.jsonl, line 1, byte", "--bad-rows skip or quarantine");
            Call many = moe("data", command, "--input", path("in"), "--out", path(command), "--bad-rows", "skip");
            assertThat(many.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(many.err()).contains("1 of all 5 rows", "allow more with --max-bad-share");
            Call keeps = moe(
                    "data",
                    command,
                    "--input",
                    path("in"),
                    "--out",
                    path(command),
                    "--bad-rows",
                    "quarantine",
                    "--max-bad-share",
                    "0.5");
            assertThat(keeps.status()).as(keeps.err()).isEqualTo(ExitCode.DONE);
            assertThat(keeps.out()).contains("bad rows are in ");
            assertThat(Files.readAllLines(folder.resolve(command + ".quarantine.ndjson")))
                    .hasSize(1);
            Call wrong = moe(
                    "data",
                    command,
                    "--input",
                    path("in"),
                    "--out",
                    path(command),
                    "--bad-rows",
                    "no",
                    "--max-row",
                    "1B");
            assertThat(wrong.status()).isEqualTo(ExitCode.CONFIGURATION);
            assertThat(wrong.err()).contains("--bad-rows is \"no\"", "--max-row are 1");
            Call other = moe("data", command, "--input", path("in"), "--out", path(command), "--quarantine", path("q"));
            assertThat(other.status()).isEqualTo(ExitCode.CONFIGURATION);
            assertThat(other.err()).contains("--quarantine belongs to --bad-rows quarantine");
        }
    }

    @Test
    void dedup_removesAndLists() throws IOException {
        Call call = moe(
                "data",
                "dedup",
                "--input",
                path("in"),
                "--out",
                path("out"),
                "--against",
                path("test.json"),
                "--fields",
                "sentence",
                "--json");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        JsonNode totals = new ObjectMapper().readTree(call.out()).get("totals");
        // The first row has letters of its tag, so it is similar and not equal.
        assertThat(totals.get("near").asInt() + totals.get("exact").asInt()).isEqualTo(1);
        assertThat(totals.get("contaminated").asInt()).isEqualTo(1);
        assertThat(totals.get("kept").asInt()).isEqualTo(2);
        assertThat(Files.readAllLines(folder.resolve("out/removed.ndjson"))).hasSize(2);
        // The list is no text, so the folder is good as an input.
        Call next = moe("data", "clean", "--input", path("out"), "--out", path("next"), "--json");
        assertThat(next.status()).as(next.err()).isEqualTo(ExitCode.DONE);
        assertThat(documents(next)).isEqualTo(2);
    }

    private static int documents(Call call) throws IOException {
        return new ObjectMapper()
                .readTree(call.out())
                .get("totals")
                .get("documents")
                .asInt();
    }

    @Test
    void outputsAreNoInputs() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("in"));
        for (String command : List.of("clean", "dedup")) {
            for (String out :
                    List.of(path("in"), path("in/new/out"), link.resolve("out").toString())) {
                Call inside = moe("data", command, "--input", path("in"), "--out", out);
                assertThat(inside.status()).as(out).isEqualTo(ExitCode.CONFIGURATION);
                assertThat(inside.err()).contains("--out " + out, "name a folder outside");
            }
            Call onto = moe("data", command, "--input", path("in/a.txt"), "--out", link.toString());
            assertThat(onto.status()).isEqualTo(ExitCode.CONFIGURATION);
            assertThat(onto.err()).contains("lies in the output folder");
            Call beside = moe("data", command, "--input", path("in/a.txt"), "--out", path("in/" + command));
            assertThat(beside.status()).as(beside.err()).isEqualTo(ExitCode.DONE);
        }
    }

    @Test
    void oddInputsAreReadOrRefusedWithARemedy() throws IOException {
        Files.writeString(folder.resolve("empty.txt"), "");
        Files.writeString(folder.resolve("empty.jsonl.gz"), "");
        Files.createDirectories(folder.resolve("bare"));
        for (String command : List.of("clean", "dedup")) {
            String out = path(command + "-out");
            Call empty = moe("data", command, "--input", path("empty.txt"), "--out", out, "--json");
            assertThat(empty.status()).as(empty.err()).isEqualTo(ExitCode.DONE);
            assertThat(documents(empty)).isZero();
            assertThat(folder.resolve(command + "-out/empty.jsonl")).isEmptyFile();
            Call damaged = moe("data", command, "--input", path("empty.jsonl.gz"), "--out", path(command + "-gz"));
            assertThat(damaged.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(damaged.err()).contains("empty.jsonl.gz", "is empty, not a gzip file", "download it again");
            Call bare = moe("data", command, "--input", path("bare"), "--out", out);
            assertThat(bare.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(bare.err()).contains("has no text file");
            Call onFile = moe("data", command, "--input", path("in"), "--out", path("test.json/out"));
            assertThat(onFile.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(onFile.err()).contains("writing failed", "name another folder with --out");
            Call twice = moe("data", command, "--input", path("in"), path("in/a.txt"), "--out", out, "--json");
            assertThat(twice.status()).as(twice.err()).isEqualTo(ExitCode.DONE);
            assertThat(documents(twice)).isEqualTo(4);
        }
    }

    @Test
    void dedup_judgesItsOptions() {
        Call call = moe("data", "dedup", "--input", path("in"), "--out", path("out"), "--near", "2", "--ngram", "1");
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("--near is 2.0", "--ngram is 1");
        Call alone = moe("data", "dedup", "--input", path("in"), "--out", path("out"), "--cut");
        assertThat(alone.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(alone.err()).contains("--cut belongs to --against");
    }

    @Test
    void plant_measuresWhatIsFound() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            rows.append("第")
                    .append(i)
                    .append("篇。")
                    .append(STORY.substring(i % 30))
                    .append(Character.toString('一' + 37 * i).repeat(3));
            for (int k = 0; k < 80; k++) {
                rows.append((char) ('一' + (i * 977 + k * k * 13 + k) % 4000));
            }
            rows.append("。\n");
        }
        Files.writeString(folder.resolve("in/a.txt"), rows.toString());
        Call plant = moe("data", "plant", "--input", path("in"), "--out", path("planted"), "--share", "0.1", "--json");
        assertThat(plant.status()).as(plant.err()).isEqualTo(ExitCode.DONE);
        Call dedup = moe("data", "dedup", "--input", path("planted/corpus"), "--out", path("unique"));
        assertThat(dedup.status()).as(dedup.err()).isEqualTo(ExitCode.DONE);
        Call check = moe("data", "plant", "--check", path("planted"), "--deduplicated", path("unique"), "--json");
        assertThat(check.status()).as(check.err()).isEqualTo(ExitCode.DONE);
        JsonNode scores = new ObjectMapper().readTree(check.out());
        assertThat(scores).hasSize(9);
        assertThat(scores.get(0).get("kind").asText()).isEqualTo("html");
        assertThat(scores.get(0).get("recall").asDouble()).isEqualTo(1);
        assertThat(moe("data", "plant", "--input", path("in")).status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void plant_doesNotReplaceItsInput() throws IOException {
        Path text = Files.createDirectories(folder.resolve("corpus")).resolve("a.jsonl");
        String row = "{\"text\": \"" + STORY + "\"}\n";
        Files.writeString(text, row);
        Call call = moe("data", "plant", "--input", path("corpus"), "--out", folder.toString());
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("a.jsonl: lies in", "name another with --out");
        assertThat(text).hasContent(row);
    }
}
