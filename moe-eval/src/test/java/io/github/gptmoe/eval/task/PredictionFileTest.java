package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictionFileTest {
    private static final String GOOD =
            "{\"line\":1,\"id\":7,\"gold\":\"Negative\",\"predicted\":\"Positive\",\"scores\":{\"Positive\":1.5,\"Negative\":0}}\n";

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = folder.resolve("new").resolve(PredictionFile.name("opinion", "dev_0"));
        double[] scores = {-0.1, Double.NEGATIVE_INFINITY};
        PredictionFile.write(
                file,
                Rows.OPINION,
                List.of(
                        new Prediction(2, IntNode.valueOf(7), 1, 0, new double[] {0.1 + 0.2, -1e-300}),
                        new Prediction(5, TextNode.valueOf("7"), -1, 1, scores)));
        assertThat(file.getFileName()).hasToString("opinion.dev_0.predictions.jsonl");
        assertThat(Files.readAllLines(file).get(0))
                .isEqualTo("{\"line\":2,\"id\":7,\"gold\":\"Negative\",\"predicted\":\"Positive\",\"scores\":"
                        + "{\"Positive\":0.30000000000000004,\"Negative\":-1.0E-300}}");
        List<PredictedRow> rows = PredictionFile.read(file);
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).scores()).containsEntry("Positive", 0.1 + 0.2).containsEntry("Negative", -1e-300);
        assertThat(rows.get(0).right()).isFalse();
        PredictedRow second = rows.get(1);
        assertThat(second.line()).isEqualTo(5);
        assertThat(second.id()).isEqualTo(TextNode.valueOf("7"));
        assertThat(second.gold()).isNull();
        assertThat(second.predicted()).isEqualTo("Negative");
        assertThat(second.scores().get("Negative")).isNaN();
        assertThat(second.right()).isFalse();
        try (Stream<Path> files = Files.list(folder.resolve("new"))) {
            assertThat(files).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"line\":1|line 2: not JSON",
                "``|line 2: not a prediction; it needs line",
                "[]|line 2: not a prediction",
                "{\"line\":0,\"id\":1,\"gold\":null,\"predicted\":\"a\",\"scores\":{\"a\":1}}|line 2: not a prediction",
                "{\"line\":1,\"gold\":null,\"predicted\":\"a\",\"scores\":{\"a\":1}}|line 2: not a prediction",
                "{\"line\":1,\"id\":1,\"gold\":3,\"predicted\":\"a\",\"scores\":{\"a\":1}}|line 2: not a prediction",
                "{\"line\":1,\"id\":1,\"gold\":\"b\",\"predicted\":\"a\",\"scores\":{\"a\":1}}|the label 'b' is none of",
                "{\"line\":1,\"id\":1,\"gold\":null,\"predicted\":\"a\",\"scores\":{\"a\":\"x\"}}|score of 'a' is no number",
                "{\"line\":1,\"id\":1,\"gold\":null,\"predicted\":\"a\",\"scores\":{\"a\":1}} x|line 2: not JSON"
            })
    void aBadLineIsNamed(String line, String message) throws IOException {
        Path file = folder.resolve("bad.jsonl");
        Files.writeString(file, GOOD + line + "\n" + GOOD);
        assertThatThrownBy(() -> PredictionFile.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void filesThatAreNone() throws IOException {
        assertThatThrownBy(() -> PredictionFile.read(folder.resolve("none.jsonl")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.jsonl does not exist");
        Path empty = Files.createFile(folder.resolve("empty.jsonl"));
        assertThatThrownBy(() -> PredictionFile.read(empty)).hasMessageContaining("has no predictions");
        Path binary = Files.write(folder.resolve("binary.jsonl"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0});
        assertThatThrownBy(() -> PredictionFile.read(binary)).hasMessageContaining("is not UTF-8");
        assertThatThrownBy(() -> PredictionFile.read(folder))
                .isInstanceOfSatisfying(
                        InputException.class, e -> assertThat(e.kind()).isEqualTo(InputException.Kind.ENVIRONMENT));
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> PredictionFile.write(
                        file.resolve("x.jsonl"), Rows.OPINION, Rows.of(Rows.OPINION, new int[][] {{0, 0}})))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cannot write " + file.resolve("x.jsonl"))
                .hasMessageContaining("--out");
    }
}
