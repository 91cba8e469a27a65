package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.SegmentedRow.Kind;
import io.github.gptmoe.data.SegmentedRow.Segment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentedRowParserTest {
    private static SegmentedRow parse(String line) throws BadRowException {
        byte[] bytes = line.getBytes(UTF_8);
        return new SegmentedRowParser(1 << 20).parse(Path.of("rows.jsonl"), 7, bytes, bytes.length);
    }

    @Test
    void readsARow() throws BadRowException {
        SegmentedRow row = parse(
                "{\"id\": {\"a\": [1]}, \"weight\": 0.5, \"segments\": [{\"kind\": \"context\", \"text\": \"菜很香。\"},"
                        + " {\"text\": \"评价：\", \"kind\": \"prompt\"}, {\"kind\": \"label\", \"text\": \"好\"}]}");
        assertThat(row.segments())
                .containsExactly(
                        new Segment(Kind.CONTEXT, "菜很香。"),
                        new Segment(Kind.PROMPT, "评价："),
                        new Segment(Kind.LABEL, "好"));
        assertThat(row.weight()).isEqualTo(0.5);
        assertThat(row.text()).isEqualTo("菜很香。评价：好");
        assertThat(row.textWithoutLabels()).isEqualTo("菜很香。评价：");
        assertThat(row.place()).isEqualTo("rows.jsonl, line 7: ");
    }

    @Test
    void weightIsOneUnlessGivenAndBlankLinesAreNoRows() throws BadRowException {
        SegmentedRow row = parse("{\"segments\": [{\"kind\": \"label\", \"text\": \"好\"}]}");
        assertThat(row.weight()).isEqualTo(1);
        assertThat(row.textWithoutLabels()).isEqualTo("好");
        assertThat(parse(" \t")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|not a JSON object",
                "{}|no field \"segments\"",
                "{'segments': 'text'}|\"segments\" is not a list",
                "{'segments': []}|\"segments\" is empty",
                "{'segments': ['text']}|segment 1 is not a JSON object",
                "{'segments': [{'kind': 'label'}]}|segment 1 has no \"text\"",
                "{'segments': [{'text': 'a'}]}|segment 1 has no \"kind\"",
                "{'segments': [{'kind': 'label', 'text': ''}]}|segment 1 is empty; leave it out",
                "{'segments': [{'kind': 'Label', 'text': 'a'}]}|kind \"Label\"; use \"context\", \"prompt\" or \"label\"",
                "{'segments': [{'kind': 'label', 'text': 3}]}|\"text\" of segment 1 is not a string",
                "{'segments': [{'kind': 'label', 'text': 'a', 'wight': 'b'}]}|has the field \"wight\"",
                "{'segments': [{'kind': 'label', 'text': 'a\\u0000'}]}|segment 1 contains the NUL character",
                "{'segments': [{'kind': 'label', 'text': 'a\\ud800'}]}|segment 1 has half a surrogate pair",
                "{'segments': [{'kind': 'label', 'text': 'a'}], 'weight': '1'}|\"weight\" is not a number",
                "{'segments': [{'kind': 'label', 'text': 'a'}], 'weight': -0.1}|weight -0.1 is not between",
                "{'segments': [{'kind': 'label', 'text': 'a'}], 'weight': 1e400}|is not between",
                "{'segments': [{'kind': 'label', 'text': 'a'}], 'weight': 1, 'weight': 2}|broken JSON",
                "{'segments': [{'kind': 'label', 'text': 'a'}]} {}|more than one JSON value",
                "{'segments': [{'kind': 'label'|broken JSON"
            })
    void saysWhatIsWrong(String line, String message) {
        assertThatThrownBy(() -> parse(line.replace('\'', '"')))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining(message);
    }
}
