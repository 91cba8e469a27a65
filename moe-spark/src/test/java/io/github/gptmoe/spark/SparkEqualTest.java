package io.github.gptmoe.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.MixPacker;
import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackOptions;
import io.github.gptmoe.data.PackSource;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanRequest;
import io.github.gptmoe.data.clean.CleanRun;
import io.github.gptmoe.data.clean.ProfanityRule;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.data.dedup.EvaluationData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The job and the one-machine run give the same files. */
class SparkEqualTest {
    private static final CorpusProgress QUIET = (phase, documents, fraction) -> {};
    private static final RowRules FAIL = RowRules.of(BadRows.FAIL);
    private static final Path MODEL = Path.of("../samples/zh.model");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static SampleCorpus corpus;
    private static SparkSession session;

    @BeforeAll
    static void begin() throws IOException {
        corpus = new SampleCorpus(shared.resolve("in"), 1).writeAll();
        session = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 3)
                .config("spark.hadoop.fs.far.impl", FarFileSystem.class.getName())
                .config("spark.hadoop.fs.far.impl.disable.cache", true)
                .getOrCreate();
    }

    @AfterAll
    static void end() {
        session.stop();
    }

    /** A call in the session of this test. */
    private record Call(int status, String out, String err) {
        static Call of(Object... arguments) {
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            String[] texts = new String[arguments.length];
            for (int i = 0; i < texts.length; i++) {
                texts[i] = arguments[i].toString();
            }
            int status = Main.commandLine()
                    .setOut(new PrintWriter(out, true))
                    .setErr(new PrintWriter(err, true))
                    .execute(texts);
            return new Call(status, out.toString(), err.toString());
        }

        Call done() {
            assertThat(status).as(err).isZero();
            return this;
        }
    }

    private static List<InputFile> inputs(Path entry) {
        return InputFile.of(CorpusFiles.ofOption("--input", List.of(entry.toString())));
    }

    private Map<String, String> embeddedClean(Path in, CleanConfig rules, RowRules rows) throws IOException {
        Path out = folder.resolve("embedded");
        new CleanRun(new CleanRequest(inputs(in), out, rules, rows, 2), QUIET).run();
        return SampleCorpus.hashes(out);
    }

    private Map<String, String> embeddedDedup(Path in, DedupConfig config, List<Path> against) throws IOException {
        Path out = folder.resolve("embedded");
        new DedupRun(new DedupRequest(inputs(in), out, config, against, List.of(), FAIL, 2), QUIET).run();
        return SampleCorpus.hashes(out);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void cleaningIsEqual(int block) throws IOException {
        Path out = folder.resolve("spark");
        Call.of("clean", "--input", corpus.folder(), "--out", out, "--block", block)
                .done();
        Map<String, String> hashes = SampleCorpus.hashes(out);
        assertThat(hashes)
                .hasSize(8)
                .containsKeys(
                        "manifest.json", "a/lines.jsonl", "b/big.jsonl", "b/packed.jsonl.gz", "c/frames.jsonl.zst")
                .isEqualTo(embeddedClean(corpus.folder(), CleanConfig.defaults(), FAIL));
        assertThat(Files.size(corpus.folder().resolve("b/big.jsonl"))).isGreaterThan(2 << 20);
    }

    @Test
    void wordsOfListsReachTheTasks() throws IOException {
        Path list = Files.writeString(folder.resolve("words.txt"), "# 说明\n号\n");
        CleanConfig none = CleanConfig.defaults();
        CleanConfig rules = new CleanConfig(
                none.encoding(),
                none.html(),
                none.controls(),
                none.unicode(),
                none.simplified(),
                none.masks(),
                none.boilerplate(),
                none.sentences(),
                none.whitespace(),
                none.length(),
                none.composition(),
                none.entropy(),
                none.language(),
                none.repetition(),
                new ProfanityRule(true, List.of(list.toString()), 0.0),
                none.samples());
        Path in = corpus.folder().resolve("d");
        Path out = folder.resolve("spark");
        Call.of(
                        "clean",
                        "--input",
                        in,
                        "--out",
                        out,
                        "--set",
                        "profanity.files=[" + list + "]",
                        "--set",
                        "profanity.maximumPerLine=0")
                .done();
        assertThat(SampleCorpus.hashes(out)).isEqualTo(embeddedClean(in, rules, FAIL));
        assertThat(Files.size(out.resolve("notices.jsonl"))).isZero();
    }

    @Test
    void whatIsDoneStaysAndWhatHasChangedIsMadeAgain() throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 2);
        own.write("one.jsonl", SampleCorpus.row(own.draw(100)));
        own.write("two.jsonl", SampleCorpus.row(own.draw(100)));
        Path out = folder.resolve("spark");
        Call.of("clean", "--input", own.folder(), "--out", out).done();
        Object before =
                Files.readAttributes(out.resolve("one.jsonl"), "unix:ino").get("ino");
        own.write("two.jsonl", SampleCorpus.row(own.draw(120)));
        Call.of("clean", "--input", own.folder(), "--out", out).done();
        assertThat(Files.readAttributes(out.resolve("one.jsonl"), "unix:ino").get("ino"))
                .isEqualTo(before);
        assertThat(SampleCorpus.hashes(out)).isEqualTo(embeddedClean(own.folder(), CleanConfig.defaults(), FAIL));
    }

    @ParameterizedTest
    @CsvSource({"1, 0.8", "64, 0", "64, 0.5"})
    void deduplicatingIsEqual(int block, double near) throws IOException {
        Path test = folder.resolve("test.jsonl");
        List<String> rows = Files.readAllLines(corpus.folder().resolve("b/big.jsonl"));
        String part = rows.get(500).substring(rows.get(500).indexOf(':') + 2).substring(0, 60);
        Files.writeString(
                test, rows.get(20) + "\n" + SampleCorpus.row(part) + SampleCorpus.row(corpus.draw(80)), UTF_8);
        Path out = folder.resolve("spark");
        Call.of(
                        "dedup",
                        "--input",
                        corpus.folder(),
                        "--out",
                        out,
                        "--against",
                        test,
                        "--cut",
                        "--near",
                        near,
                        "--block",
                        block)
                .done();
        DedupConfig config = new DedupConfig(near, null, null, null, null, null, null, true);
        assertThat(SampleCorpus.hashes(out))
                .hasSize(9)
                .isEqualTo(embeddedDedup(corpus.folder(), config, EvaluationData.files(List.of(test))));
        String removed = Files.readString(out.resolve(DedupRun.REMOVED));
        assertThat(removed).contains("\"exact\"", "\"cut\"", "\"contaminated\"");
        assertThat(removed.contains("\"near\"")).isEqualTo(near > 0);
        assertThat(Files.list(out.resolve(".state")).filter(Files::isDirectory)).isEmpty();
    }

    @Test
    void largeBucketsAreLimitedAlike() throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 7);
        own.writeNotices("notices.jsonl", 300);
        Path out = folder.resolve("spark");
        Call.of("dedup", "--input", own.folder(), "--out", out, "--hashes", 30, "--recall", 0.5)
                .done();
        DedupConfig config = new DedupConfig(null, null, 30, 0.5, null, null, null, null);
        assertThat(SampleCorpus.hashes(out)).isEqualTo(embeddedDedup(own.folder(), config, List.of()));
        assertThat(Files.readString(out.resolve("manifest.json"))).doesNotContain("\"leftOut\" : 0");
    }

    @Test
    void badRowsAreSkippedAlike() throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 3);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 2200; i++) {
            rows.append(i == 1500 || i == 2100 ? "{\"text\": 7}\n" : SampleCorpus.row(own.draw(200)));
        }
        own.write("rows.jsonl", rows.toString());
        Path out = folder.resolve("spark");
        Call.of("clean", "--input", own.folder(), "--out", out, "--bad-rows", "skip", "--block", 1)
                .done();
        assertThat(SampleCorpus.hashes(out))
                .isEqualTo(embeddedClean(own.folder(), CleanConfig.defaults(), RowRules.of(BadRows.SKIP)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"clean", "dedup"})
    void badRowsAreKeptAlike(String command) throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 8);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 2200; i++) {
            rows.append(i % 700 == 99 ? "{\"text\": " + i + "}\n" : SampleCorpus.row(own.draw(200)));
        }
        own.write("a.jsonl", rows.toString());
        own.write("b.jsonl.gz", rows.toString());
        own.write("c.txt", own.draw(50000) + "\n" + own.draw(100) + "\n");
        Path out = folder.resolve("spark");
        List<Object> call = new ArrayList<>(List.of(command, "--input", own.folder(), "--out", out, "--block", 1));
        call.addAll(List.of("--bad-rows", "quarantine", "--max-bad-share", 0.01));
        call.addAll(List.of("--long-rows", "cut", "--max-row", 20_000));
        assertThat(Call.of(call.toArray()).done().out()).contains("bad rows are in " + out + ".quarantine.ndjson");
        Path kept = folder.resolve("kept");
        RowRules rules = RowRules.of("quarantine", 0.01, "cut", 20_000, kept);
        Path embedded = folder.resolve("embedded");
        if (command.equals("clean")) {
            embeddedClean(own.folder(), CleanConfig.defaults(), rules);
        } else {
            List<InputFile> inputs = inputs(own.folder());
            new DedupRun(
                            new DedupRequest(inputs, embedded, DedupConfig.defaults(), List.of(), List.of(), rules, 2),
                            QUIET)
                    .run();
        }
        assertThat(SampleCorpus.hashes(out)).isEqualTo(SampleCorpus.hashes(embedded));
        assertThat(Path.of(out + ".quarantine.ndjson")).hasSameBinaryContentAs(kept);
        assertThat(Files.readAllLines(kept)).hasSize(8);
    }

    @ParameterizedTest
    @CsvSource({"FAIL, rows.jsonl, 900", "SKIP, rows.jsonl, 1", "SKIP, rows.jsonl.gz, 3", "FAIL, rows.txt, 1700"})
    void badRowsEndAJobWithTheMessageOfTheRun(BadRows policy, String name, int every) throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 4);
        own.write("a.jsonl", SampleCorpus.row(own.draw(100)));
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 2200; i++) {
            boolean bad = i > 1100 && i % every == 0;
            String good = own.draw(250);
            rows.append(name.endsWith("txt") ? (bad ? "a\0b" : good) + "\n" : bad ? "[]\n" : SampleCorpus.row(good));
        }
        own.write(name, rows.toString());
        Path out = folder.resolve("spark");
        String label = policy.label();
        Call call = Call.of("clean", "--input", own.folder(), "--out", out, "--bad-rows", label, "--block", 1);
        Throwable embedded = ThrowableAssert.catchThrowable(
                () -> embeddedClean(own.folder(), CleanConfig.defaults(), RowRules.of(policy)));
        assertThat(embedded).isInstanceOf(InputException.class);
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err().strip()).isEqualTo(embedded.getMessage());
        assertThat(out.resolve("manifest.json")).doesNotExist();
        if (policy == BadRows.FAIL) {
            assertThat(out.resolve(inputs(own.folder()).get(1).outputName())).doesNotExist();
        }
    }

    @Test
    void aDamagedFileIsNamedAlike() throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 5);
        byte[] whole = SampleCorpus.gzip(SampleCorpus.row(own.draw(5000)).getBytes(UTF_8));
        Files.createDirectories(own.folder());
        Files.write(own.folder().resolve("cut.jsonl.gz"), java.util.Arrays.copyOf(whole, whole.length - 9));
        Call call = Call.of("dedup", "--input", own.folder(), "--out", folder.resolve("spark"));
        Throwable embedded =
                ThrowableAssert.catchThrowable(() -> embeddedDedup(own.folder(), DedupConfig.defaults(), List.of()));
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err().strip()).isEqualTo(embedded.getMessage());
    }

    @Test
    void parquetHasTheDocumentsOfJsonLines() throws IOException {
        Path in = corpus.folder().resolve("b/big.jsonl");
        Path lines = folder.resolve("lines");
        Path tables = folder.resolve("tables");
        Path back = folder.resolve("back");
        Call.of("clean", "--input", in, "--out", lines).done();
        Call.of("clean", "--input", in, "--out", tables, "--format", "parquet", "--block", 1)
                .done();
        assertThat(tables.resolve("big.parquet")).exists();
        assertThat(session.read()
                        .parquet(tables.resolve("big.parquet").toString())
                        .count())
                .isEqualTo(Files.readAllLines(lines.resolve("big.jsonl")).size());
        Call.of("clean", "--input", tables, "--out", back, "--block", 1).done();
        assertThat(back.resolve("big.jsonl")).hasSameBinaryContentAs(lines.resolve("big.jsonl"));
        Call.of("dedup", "--input", tables.resolve("big.parquet"), "--out", folder.resolve("fromTables"))
                .done();
        Call.of("dedup", "--input", lines.resolve("big.jsonl"), "--out", folder.resolve("fromLines"))
                .done();
        assertThat(folder.resolve("fromTables/big.jsonl"))
                .hasSameBinaryContentAs(folder.resolve("fromLines/big.jsonl"));
        assertThat(Files.readString(folder.resolve("fromTables/removed.ndjson")).replace(".parquet", ".jsonl"))
                .isEqualTo(Files.readString(folder.resolve("fromLines/removed.ndjson")));
    }

    @Test
    void aTableOfSparkIsReadInTheOrderOfItsRows() throws IOException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            texts.add(corpus.draw(300));
        }
        session.createDataset(texts, org.apache.spark.sql.Encoders.STRING())
                .toDF("text")
                .coalesce(1)
                .write()
                .option("parquet.block.size", 1 << 16)
                .parquet(folder.resolve("table").toString());
        Path out = folder.resolve("out");
        Call.of("dedup", "--near", 0, "--input", folder.resolve("table"), "--out", out, "--block", 1)
                .done();
        List<String> read = new ArrayList<>();
        try (var files = Files.list(out)) {
            for (Path file :
                    files.filter(name -> name.toString().contains("part-")).toList()) {
                read.addAll(Files.readAllLines(file));
            }
        }
        assertThat(read)
                .isEqualTo(texts.stream()
                        .map(text -> SampleCorpus.row(text).strip())
                        .toList());
    }

    @Test
    void nullsOfATableAreBadRows() {
        session.sql("select * from values ('" + corpus.draw(50) + "'), (null) as t(text)")
                .coalesce(1)
                .write()
                .parquet(folder.resolve("table").toString());
        Call call = Call.of("clean", "--input", folder.resolve("table"), "--out", folder.resolve("out"));
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains(".parquet, line 2", "the column \"text\" is null");
        Call other = Call.of(
                "clean",
                "--input",
                folder.resolve("table"),
                "--out",
                folder.resolve("out"),
                "--bad-rows",
                "skip",
                "--max-bad-share",
                1);
        other.done();
        assertThat(other.out()).startsWith("1 documents");
    }

    @Test
    void aTableWithoutTextIsRefused() {
        session.range(3).coalesce(1).write().parquet(folder.resolve("table").toString());
        Call call = Call.of("clean", "--input", folder.resolve("table"), "--out", folder.resolve("out"));
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("has no column \"text\" of strings, only [id]");
    }

    @Test
    void otherFileSystemsAreReadAndWritten() throws IOException {
        Path out = folder.resolve("spark");
        Call.of("dedup", "--input", "far:" + corpus.folder(), "--out", "far:" + out, "--block", 1)
                .done();
        Map<String, String> expected = embeddedDedup(corpus.folder(), DedupConfig.defaults(), List.of());
        assertThat(SampleCorpus.hashes(out)).isEqualTo(expected);
    }

    @Test
    void packingIsEqual() throws IOException {
        List<String> sources = List.of(
                "rows=" + corpus.folder().resolve("a"), "big=" + corpus.folder().resolve("b"));
        Path out = folder.resolve("spark");
        Call.of(
                        "pack",
                        "--input",
                        sources.get(0),
                        sources.get(1),
                        "--weight",
                        "rows=2",
                        "--weight",
                        "big=1",
                        "--tokenizer",
                        MODEL,
                        "--out",
                        out)
                .done();
        PackConfig base = PackConfig.of(List.of(
                new PackSource("rows", List.of(corpus.folder().resolve("a").toString()), 2.0, null),
                new PackSource("big", List.of(corpus.folder().resolve("b").toString()), 1.0, null)));
        PackConfig config =
                new PackConfig(base.sources(), null, null, null, MODEL.toString(), null, null, null, null, null);
        Path embedded = folder.resolve("embedded");
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(MODEL)) {
            MixPacker.pack(
                    config,
                    tokenizer,
                    embedded,
                    PackOptions.of(2, folder.resolve("quarantine")),
                    (documents, textBytes, tokens, fraction) -> {});
        }
        assertThat(SampleCorpus.hashes(out))
                .containsKeys("pack.json", "train-00000.bin")
                .isEqualTo(SampleCorpus.hashes(embedded));
    }

    @Test
    void packingNamesABadRow() throws IOException {
        SampleCorpus own = new SampleCorpus(folder.resolve("in"), 6);
        own.write("rows.jsonl", SampleCorpus.row(own.draw(100)) + "{}\n");
        Path out = folder.resolve("spark");
        Call call = Call.of("pack", "--input", own.folder(), "--tokenizer", MODEL, "--out", out);
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("rows.jsonl, line 2", "no field \"text\"");
        assertThat(out).doesNotExist();
    }

    @Test
    void mistakesAreNamed() {
        assertThat(Call.of("clean", "--input", folder.resolve("absent"), "--out", folder.resolve("out"))
                        .err())
                .contains("does not exist");
        assertThat(Call.of("dedup", "--input", corpus.folder(), "--out", folder.resolve("out"), "--near", 2))
                .satisfies(call -> assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION))
                .satisfies(call -> assertThat(call.err()).contains("--near is 2"));
        assertThat(Call.of("clean", "--input", corpus.folder(), "--out", corpus.folder())
                        .err())
                .contains("lies in the output folder");
        assertThat(Collections.singletonList(
                                Call.of("clean", "--input", corpus.folder(), "--out", folder, "--block", 0))
                        .get(0)
                        .err())
                .contains("--block 0");
    }
}
