package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import io.github.gptmoe.train.StopRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandsTest {
    private static final String SAMPLES = Path.of("..", "samples", "zh").toString();

    @TempDir
    private Path folder;

    private String model;

    @BeforeEach
    void train() {
        model = folder.resolve("zh.model").toString();
        Call call = moe("tokenizer", "train", "--input", SAMPLES, "--vocabulary", "3000", "--model", model);
        assertThat(call.status()).as(call.err()).isZero();
        assertThat(call.out()).startsWith(model).contains("3,000 ids: ", "zh.vocab", "259 of other kinds");
        assertThat(call.err()).contains("reading  [####################] 100 %").contains("merging ");
    }

    private Path text(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void linesAreEncodedAndDecodedInTheirOrder() throws IOException {
        String lines = "今天天气很好。\n\nＡＢＣ 龘\nlast";
        Call encoded = moe("tokenizer", "encode", model, text("a.txt", lines).toString());
        assertThat(encoded.status()).as(encoded.err()).isZero();
        assertThat(encoded.out().lines()).hasSize(4).element(1).isEqualTo("");
        Call decoded =
                moe("tokenizer", "decode", model, text("ids", encoded.out()).toString());
        assertThat(decoded.out()).isEqualTo("今天天气很好。\n\nABC 龘\nlast\n");
        Call pieces = moe(
                "tokenizer",
                "encode",
                model,
                "--pieces",
                "--threads",
                "1",
                text("b.txt", "今天\n").toString());
        assertThat(pieces.out().replace("▁", "").replace(" ", "")).isEqualTo("今天\n");
    }

    @Test
    void compressedFilesAreReadOneAfterTheOther() throws IOException {
        Path packed = folder.resolve("b.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write("天气\n".getBytes(StandardCharsets.UTF_8));
        }
        Path plain = text("a.txt", "今天");
        String both = moe("tokenizer", "encode", model, plain.toString(), packed.toString())
                .out();
        assertThat(both)
                .isEqualTo(moe(
                                "tokenizer",
                                "encode",
                                model,
                                text("c.txt", "今天\n天气").toString())
                        .out());
    }

    @Test
    void countsAreKeptForAnotherVocabulary() {
        String counts = folder.resolve("zh.counts").toString();
        String other = folder.resolve("other.model").toString();
        for (String vocabulary : new String[] {"3000", "3100"}) {
            Call call = moe(
                    "tokenizer",
                    "train",
                    "--input",
                    SAMPLES,
                    "--vocabulary",
                    vocabulary,
                    "--model",
                    other,
                    "--counts",
                    counts);
            assertThat(call.status()).as(call.err()).isZero();
        }
        assertThat(Path.of(counts)).isNotEmptyFile();
        assertThat(folder.resolve("other.vocab")).content().hasLineCount(3100);
    }

    @Test
    void progressEndsWhenAStopWasAskedFor() {
        StringWriter err = new StringWriter();
        StopRequest stop = new StopRequest();
        TokenizerProgress progress = new TokenizerProgress(new PrintWriter(err, true), 30, stop);
        progress.read(5, 1);
        assertThat(err)
                .hasToString(ConsoleProgress.ERASE_LINE + "reading  [####################] 100 %  5 sentences"
                        + System.lineSeparator());
        stop.request();
        assertThatThrownBy(() -> progress.merged(1, 10)).isInstanceOf(StoppedException.class);
    }

    @Test
    void standardInputIsReadWhereNoFileIsNamed() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("今天\n天气\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(moe("tokenizer", "encode", model).out().lines()).hasSize(2);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void manyLinesKeepTheirOrderOnSeveralThreads() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            lines.append("第").append(i).append("行今天\n");
        }
        String file = text("many.txt", lines.toString()).toString();
        Call one = moe("tokenizer", "encode", model, "--threads", "1", file);
        Call four = moe("tokenizer", "encode", model, "--threads", "4", file);
        assertThat(four.out()).isEqualTo(one.out());
        assertThat(one.out().lines()).hasSize(30_000);
    }

    @Test
    void whatIsNoTextOrNoIdIsNamedWithItsPlace() throws IOException {
        Path bad = Files.write(folder.resolve("bad.txt"), new byte[] {'a', '\n', 'b', (byte) 0xC0});
        Call encoded = moe("tokenizer", "encode", model, bad.toString());
        assertThat(encoded.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(encoded.err()).contains("bad.txt, line 2, byte 3: invalid UTF-8 (byte 0xC0)");
        Call decoded =
                moe("tokenizer", "decode", model, text("ids", "1 2\n5 3000\n").toString());
        assertThat(decoded.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(decoded.err()).contains("ids, line 2, byte 4: \"3000\" is no id of this model", "0 to 2999");
        assertThat(moe("tokenizer", "encode", model, "missing.txt").err()).contains("missing.txt: the file does not");
    }

    @Test
    void inspectTellsHowATextIsCut() throws IOException {
        Path text = text("held.txt", "今天天气很好，道德12\nabc 龘\n");
        Call call = moe("tokenizer", "inspect", model, "--input", text.toString(), "--json");
        assertThat(call.status()).as(call.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(call.out());
        assertThat(report.get("vocabulary").asInt()).isEqualTo(3000);
        assertThat(report.get("textPieces").asInt()).isEqualTo(3000 - 259);
        assertThat(report.get("bytePieces").asInt()).isEqualTo(256);
        int all = 0;
        for (JsonNode count : report.get("piecesByLength")) {
            all += count.asInt();
        }
        assertThat(all).isEqualTo(3000 - 259);
        assertThat(report.get("longest")).hasSize(20);
        JsonNode use = report.get("use");
        // 11 and 5 characters, and the space before each of the two sentences and inside one.
        assertThat(use.get("characters").asInt()).isEqualTo(11 + 4 + 3);
        assertThat(use.get("sentences").asInt()).isEqualTo(2);
        assertThat(use.get("unknownTokens").asInt()).isZero();
        long tokens = 0;
        long characters = 0;
        for (JsonNode kind : use.get("byKind")) {
            tokens += kind.get("tokens").asLong();
            characters += kind.get("characters").asLong();
        }
        assertThat(tokens).isEqualTo(use.get("tokens").asLong());
        assertThat(characters).isEqualTo(18);
        // The bundled text has none of abc, 12 and 龘, so they are spelled in bytes.
        assertThat(use.get("coverage").asDouble()).isEqualTo(12 / 18.0);
        assertThat(use.get("byKind").get("LATIN").get("charactersPerToken").asDouble())
                .isEqualTo(1);
        assertThat(use.get("byKind").get("DIGITS").get("tokens").asInt()).isEqualTo(2);
        assertThat(use.get("fertility").asDouble()).isEqualTo(tokens / 18.0);
        Call forPeople = moe("tokenizer", "inspect", model, "--input", SAMPLES, "--sample", "50");
        assertThat(forPeople.out())
                .contains("3,000 ids: 2,741 pieces of text, 256 bytes", "  han  ", " a token", "rarest: ")
                .contains("characters a token, fertility 0.");
        assertThat(moe("tokenizer", "inspect", model).out())
                .contains("longest: ")
                .doesNotContain("coverage");
        Call nothing = moe(
                "tokenizer",
                "inspect",
                model,
                "--input",
                text("empty.txt", " \n").toString());
        assertThat(nothing.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(nothing.err()).contains("there is nothing to look at in ", "empty.txt");
    }

    @Test
    void inspectLeavesNoSentenceOut() throws IOException {
        Path text = text("held.txt", "今天\n今\u2585天\n");
        Call call = moe("tokenizer", "inspect", model, "--input", text.toString(), "--json");
        assertThat(new ObjectMapper()
                        .readTree(call.out())
                        .get("use")
                        .get("sentences")
                        .asInt())
                .isEqualTo(2);
        Call negative = moe("tokenizer", "inspect", model, "--show", "-1");
        assertThat(negative.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(negative.err()).contains("--show -1 must be");
    }

    @Test
    void idsAreDigitsOnly() throws IOException {
        for (String ids : new String[] {"+5", "\uFF15", "-0"}) {
            Call decoded = moe("tokenizer", "decode", model, text("ids", ids).toString());
            assertThat(decoded.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(decoded.err()).contains("\"" + ids + "\" is no id of this model");
        }
    }

    @Test
    void optionsReachTheTrainer() throws IOException {
        String other = folder.resolve("other.model").toString();
        Call call = moe(
                "tokenizer",
                "train",
                "--input",
                SAMPLES,
                "--vocabulary",
                "2200",
                "--model",
                other,
                "--json",
                "--normalization",
                "identity",
                "--no-dummy-prefix",
                "--keep-extra-spaces",
                "--character-coverage",
                "0.98",
                "--required-characters",
                "龘",
                "--no-byte-fallback",
                "--control-symbol",
                "<cls>",
                "--user-defined-symbol",
                "今天",
                "--max-piece-length",
                "2",
                "--split-digits",
                "--sample",
                "900",
                "--threads",
                "1");
        assertThat(call.status()).as(call.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(call.out()).get("report");
        assertThat(report.get("sentences").asInt()).isEqualTo(900);
        List<String> vocabulary = Files.readAllLines(folder.resolve("other.vocab"));
        assertThat(vocabulary).hasSize(2200).contains("<cls>\t0", "今天\t0").noneMatch(line -> line.startsWith("<0x"));
        assertThat(vocabulary.stream().skip(5)).allMatch(line -> line.codePointCount(0, line.indexOf('\t')) <= 2);
        assertThat(vocabulary).anyMatch(line -> line.startsWith("龘"));
    }

    @Test
    void mistakesNameTheOptionAndWriteNothing() throws IOException {
        assertMistake("--vocabulary 100 has no room for", "--vocabulary", "100");
        assertMistake("--character-coverage 0.5 must be", "--vocabulary", "3000", "--character-coverage", "0.5");
        assertMistake("yields no more than", "--vocabulary", "900000");
        assertMistake("--bad-rows quarantine", "--vocabulary", "3000", "--bad-rows", "quarantine");
        assertMistake("--threads 0 must be", "--vocabulary", "3000", "--threads", "0");
        assertThat(moe("tokenizer", "train", "--vocabulary", "9", "--model", "x.model")
                        .err())
                .contains("--input is missing");
        assertThat(moe("tokenizer").status()).isEqualTo(ExitCode.CONFIGURATION);
        Call missing = moe("tokenizer", "train", "--input", "nowhere/*.txt", "--vocabulary", "9", "--model", model);
        assertThat(missing.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(missing.err()).contains("--input: the folder nowhere");
    }

    private void assertMistake(String message, String... options) throws IOException {
        byte[] before = Files.readAllBytes(Path.of(model));
        String[] call = new String[options.length + 6];
        System.arraycopy(new String[] {"tokenizer", "train", "--input", SAMPLES, "--model", model}, 0, call, 0, 6);
        System.arraycopy(options, 0, call, 6, options.length);
        Call made = moe(call);
        assertThat(made.status()).as(made.err()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(made.err()).contains(message);
        assertThat(Files.readAllBytes(Path.of(model))).isEqualTo(before);
    }
}
