package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moe data pack} and {@code moe data inspect} on the bundled samples. */
class DataCommandsTest {
    private static final Path SAMPLES =
            Path.of("..", "samples").toAbsolutePath().normalize();
    private static final String MODEL = SAMPLES.resolve("zh.model").toString();
    private static final String DIALOGUE = SAMPLES.resolve("zh/dialogue.jsonl").toString();

    @TempDir
    Path folder;

    private Path out;

    @BeforeEach
    void name() {
        out = folder.resolve("pack");
    }

    private static JsonNode json(Call call) throws IOException {
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out().lines()).hasSize(1);
        return new ObjectMapper().readTree(call.out());
    }

    private Call pack(String... more) {
        String[] call = new String[more.length + 6];
        System.arraycopy(new String[] {"data", "pack", "--tokenizer", MODEL, "--out", out.toString()}, 0, call, 0, 6);
        System.arraycopy(more, 0, call, 6, more.length);
        return moe(call);
    }

    @Test
    void packsAndShowsWhatIsThere() throws IOException {
        Call packed = pack("--input", DIALOGUE);
        assertThat(packed.status()).as(packed.err()).isEqualTo(ExitCode.DONE);
        assertThat(packed.out())
                .contains("fingerprint  ", "MB/s", "next: moe pretrain")
                .contains(DIALOGUE.substring(0, 1));
        assertThat(packed.err()).contains("packing text: 100 %");
        JsonNode again = json(pack("--input", DIALOGUE, "--json"));
        assertThat(again.get("reused").asBoolean()).isTrue();

        Call text = moe("data", "inspect", out.toString(), "--documents", "2");
        assertThat(text.status()).as(text.err()).isEqualTo(ExitCode.DONE);
        String fingerprint = again.get("pack").get("fingerprint").asText();
        assertThat(text.out())
                .contains("fingerprint  " + fingerprint, "train-00000.bin", "sound", "tokens of training documents");
        JsonNode contents = json(moe("data", "inspect", out.toString(), "--documents", "2", "--json"));
        assertThat(contents.get("pack")).isEqualTo(again.get("pack"));
        assertThat(contents.get("firstDocuments")).hasSize(2);
        String first = contents.get("firstDocuments").get(0).asText();
        // The model's own normalization makes half-width signs of full-width ones.
        String rows = Normalizer.normalize(Files.readString(Path.of(DIALOGUE)), Normalizer.Form.NFKC);
        assertThat(rows).contains(first.substring(0, Math.min(6, first.length())));
        assertThat(contents.get("trainLengths").get("total").asLong())
                .isEqualTo(contents.get("pack").get("train").get("tokens").asLong());
    }

    @Test
    void mixesByOptionsAsByAFile() throws IOException {
        String[] files = {"dialogue", "science"};
        Path[] texts = new Path[2];
        for (int i = 0; i < 2; i++) {
            texts[i] = folder.resolve(files[i] + ".txt");
            StringBuilder lines = new StringBuilder();
            for (int line = 0; line < 300; line++) {
                lines.append(files[i]).append("今天天气很好 ").append(line).append('\n');
            }
            Files.writeString(texts[i], lines);
        }
        JsonNode byOptions = json(pack(
                "--input",
                "talk=" + texts[0],
                "fact=" + texts[1],
                "--weight",
                "talk=1",
                "--weight",
                "fact=3",
                "--tokens",
                "20000",
                "--seed",
                "5",
                "--max-row",
                "1MiB",
                "--json"));
        Path mix = Files.writeString(folder.resolve("mix.yaml"), """
                sources:
                  - {name: talk, files: "%s", weight: 7}
                  - {name: fact, files: "%s", weight: 3}
                tokens: 20000
                seed: 5
                """.formatted(texts[0], texts[1]));
        out = folder.resolve("second");
        JsonNode byFile = json(pack("--mix", mix.toString(), "--weight", "talk=1", "--max-row", "1MiB", "--json"));
        assertThat(byFile.get("pack")).isEqualTo(byOptions.get("pack"));
        JsonNode sources = byFile.get("pack").get("sources");
        assertThat(sources.get(0).get("targetTokens").asLong()).isEqualTo(5000);
        assertThat(sources.get(1).get("targetTokens").asLong()).isEqualTo(15_000);
        Call shown = moe("data", "inspect", out.toString());
        assertThat(shown.out()).contains("weight 1", "weight 3");
    }

    @Test
    void badRowsFollowThePolicy() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 1999; i++) {
            rows.append("{\"text\": \"第").append(i).append("行\"}\n").append(i == 700 ? "{\"text\": [1]}\n" : "");
        }
        Path file = Files.writeString(folder.resolve("rows.jsonl"), rows);
        Call fails = pack("--input", file.toString());
        assertThat(fails.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(fails.err()).contains("rows.jsonl, line 702, byte ", "is not a string", "--bad-rows skip");
        Call skips = pack("--input", file.toString(), "--bad-rows", "quarantine");
        assertThat(skips.status()).as(skips.err()).isEqualTo(ExitCode.DONE);
        Path quarantine = folder.resolve("pack.quarantine.ndjson");
        assertThat(skips.out()).contains("2,000 read, 1 bad", "bad rows are in " + quarantine);
        JsonNode bad = new ObjectMapper().readTree(Files.readString(quarantine));
        assertThat(bad.get("line").asLong()).isEqualTo(702);
        assertThat(bad.get("byteOffset").asLong())
                .isEqualTo(rows.substring(0, rows.indexOf("{\"text\": [")).getBytes(StandardCharsets.UTF_8).length);
        out = folder.resolve("strict");
        Call stops = pack("--input", file.toString(), "--bad-rows", "skip", "--max-bad-share", "0.0004");
        assertThat(stops.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(stops.err()).contains("1 of all 2000 rows cannot be used, more than 0.04 %", "--max-bad-share");
    }

    @Test
    void mistakesNameTheOption() throws IOException {
        assertMistake("nothing to pack; name text with --input", "--seed", "1");
        assertMistake(
                "--weight and --epochs name b, which is no source; sources are text",
                "--input",
                DIALOGUE,
                "--weight",
                "b=1");
        assertMistake("validationFraction is 2.0", "--input", DIALOGUE, "--validation-fraction", "2");
        assertMistake(
                "badRows is \"drop\"; use \"fail\" or \"skip\" or \"quarantine\"",
                "--input",
                DIALOGUE,
                "--bad-rows",
                "drop");
        assertMistake("maxRowBytes are 67108865", "--input", DIALOGUE, "--max-row", "67108865");
        assertMistake("--threads 257: use 0", "--input", DIALOGUE, "--threads", "257");
        assertMistake(
                "--quarantine bad.ndjson: nothing is written there while badRows is \"skip\"",
                "--input",
                DIALOGUE,
                "--bad-rows",
                "skip",
                "--quarantine",
                "bad.ndjson");
        Call several = moe(
                "data",
                "pack",
                "--input",
                DIALOGUE,
                "--out",
                out.toString(),
                "--seed",
                "1",
                "--tokens",
                "0",
                "--max-row",
                "3",
                "--threads",
                "-2");
        assertThat(several.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(several.err()).contains("tokens are 0", "maxRowBytes are 3", "--threads -2", "with --tokenizer");
        assertMistake("--threads -1", "--input", DIALOGUE, "--threads", "-1");
        Call noTokenizer = moe("data", "pack", "--input", DIALOGUE, "--out", out.toString());
        assertThat(noTokenizer.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(noTokenizer.err()).contains("name a SentencePiece model with --tokenizer");
        Call missing = pack("--input", "nowhere.txt");
        assertThat(missing.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(missing.err()).contains("source text: nowhere.txt does not exist");
        assertThat(moe("data").status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    private void assertMistake(String message, String... options) {
        Call call = pack(options);
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains(message);
    }

    @Test
    void textFilesAreShownWithTheirBadRows() throws IOException {
        Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"今天天气很好\"}\nno row\n");
        Call text = moe("data", "inspect", file.toString(), "--tokenizer", MODEL);
        assertThat(text.status()).as(text.err()).isEqualTo(ExitCode.DONE);
        assertThat(text.out())
                .contains("1 documents, 6 characters", "line 2, byte 31: broken JSON", "characters a token");
        JsonNode survey = json(moe("data", "inspect", file.toString(), "--json"));
        assertThat(survey.get("tokens").isNull()).isTrue();
        assertThat(survey.get("badRows")).hasSize(1);
        assertThat(survey.get("first").get(0).asText()).isEqualTo("今天天气很好");
        Call damaged = moe("data", "inspect", folder.toString() + "/none");
        assertThat(damaged.status()).isEqualTo(ExitCode.ENVIRONMENT);
    }

    @Test
    void aDamagedPackAndAnotherTokenizerAreNamed() throws IOException {
        assertThat(pack("--input", DIALOGUE).status()).isEqualTo(ExitCode.DONE);
        Path other = Path.of("..", "moe-train", "src", "test", "resources", "golden", "tokenizer.model");
        Call foreign = moe("data", "inspect", out.toString(), "--tokenizer", other.toString());
        assertThat(foreign.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(foreign.err()).contains("did not make these tokens");
        Files.write(out.resolve("train.index"), new byte[8]);
        Call damaged = moe("data", "inspect", out.toString());
        assertThat(damaged.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(damaged.err()).contains("train.index has 8 bytes instead of ");
    }
}
