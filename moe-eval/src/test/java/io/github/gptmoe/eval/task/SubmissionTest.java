package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubmissionTest {
    private static final SubmissionFile NEWS = new SubmissionFile(
            "newsf_predict.json",
            "label",
            false,
            List.of(TextNode.valueOf("0"), TextNode.valueOf("1"), TextNode.valueOf("2")),
            List.of("100", "101", "文化"));
    private static final SubmissionFile IDIOMS = new SubmissionFile(
            "idiomsf_predict.json",
            "answer",
            true,
            List.of(IntNode.valueOf(5), IntNode.valueOf(6)),
            List.of("0", "1", "2"));
    private static final String NEWS_TEXT =
            "{\"id\":\"0\",\"label\":\"101\"}\n{\"id\":\"1\",\"label\":\"100\"}\n{\"id\":\"2\",\"label\":\"文化\"}\n";
    private static final String IDIOMS_TEXT = "{\"id\":5,\"answer\":2}\n{\"id\":6,\"answer\":0}\n";
    private static final SubmissionVerifier VERIFIER = new SubmissionVerifier(List.of(NEWS, IDIOMS));

    @TempDir
    Path folder;

    private static Submission submission() {
        return new Submission().add(NEWS, new int[] {1, 0, 2}).add(IDIOMS, new int[] {2, 0});
    }

    private Path zip(String... namesAndTexts) throws IOException {
        Path file = folder.resolve("made.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    @Test
    void filesHaveTheOfficialForm() throws IOException {
        List<Path> written = submission().write(folder.resolve("out"), "submission.zip");
        assertThat(written)
                .extracting(file -> file.getFileName().toString())
                .containsExactly("idiomsf_predict.json", "newsf_predict.json", "submission.zip");
        assertThat(folder.resolve("out/newsf_predict.json")).content().isEqualTo(NEWS_TEXT);
        assertThat(folder.resolve("out/idiomsf_predict.json")).content().isEqualTo(IDIOMS_TEXT);
        try (ZipFile zip = new ZipFile(written.get(2).toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactly("idiomsf_predict.json", "newsf_predict.json");
            assertThat(zip.getInputStream(zip.getEntry("newsf_predict.json")))
                    .hasBinaryContent(NEWS_TEXT.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(VERIFIER.problems(written.get(2))).isEmpty();
        VERIFIER.verify(written.get(2));
    }

    @Test
    void theSameAnswersGiveTheSameBytes() {
        byte[] first = submission().archive();
        TimeZone zone = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Shanghai"));
        try {
            assertThat(new Submission()
                            .add(IDIOMS, new int[] {2, 0})
                            .add(NEWS, new int[] {1, 0, 2})
                            .archive())
                    .isEqualTo(first);
        } finally {
            TimeZone.setDefault(zone);
        }
        assertThat(new Submission().add(NEWS, new int[] {1, 0, 1}).archive()).isNotEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"id\":5,\"answer\":\"2\"}|line 1: answer \"2\" must be a whole number",
                "{\"id\":5,\"answer\":2.0}|line 1: answer 2.0 must be a whole number",
                "{\"id\":5,\"answer\":3}|line 1: answer 3 is no label of the task",
                "{\"id\":\"5\",\"answer\":2}|line 1: id \"5\" must be 5, as in the test file",
                "{\"id\":6,\"answer\":2}|line 1: id 6 must be 5, as in the test file",
                "{\"id\":5,\"label\":2}|line 1: must be an object of id and answer, not",
                "{\"id\":5,\"answer\":2,\"x\":1}|line 1: must be an object of id and answer, not",
                "{\"id\":5,\"id\":5,\"answer\":2}|line 1: not JSON",
                "[5,2]|line 1: must be an object",
                "``|line 1: must be an object",
                "{\"id\":5|line 1: not JSON"
            })
    void badLinesAreNamed(String line, String problem) throws IOException {
        Path made = zip("newsf_predict.json", NEWS_TEXT, "idiomsf_predict.json", line + "\n{\"id\":6,\"answer\":0}\n");
        assertThat(VERIFIER.problems(made)).singleElement().asString().startsWith("idiomsf_predict.json, " + problem);
    }

    @Test
    void labelsOfTextMustBeText() throws IOException {
        Path made = zip("newsf_predict.json", NEWS_TEXT.replace("\"101\"", "101"), "idiomsf_predict.json", IDIOMS_TEXT);
        assertThat(VERIFIER.problems(made)).containsExactly("newsf_predict.json, line 1: label 101 must be text");
    }

    @Test
    void filesMustBeThoseExpected() throws IOException {
        Path made = zip("out/newsf_predict.json", NEWS_TEXT, "idiomsf_predict.json", "{\"id\":5,\"answer\":2}\n");
        assertThat(VERIFIER.problems(made))
                .containsExactly(
                        "out/newsf_predict.json does not belong there; files lie at the top, without a folder",
                        "newsf_predict.json is missing",
                        "idiomsf_predict.json has 1 lines; the test file has 2 rows");
        assertThatThrownBy(() -> VERIFIER.verify(made))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("made.zip would be refused:\n  out/newsf_predict.json")
                .hasMessageContaining("--split test");
    }

    @Test
    void manyProblemsAreCounted() throws IOException {
        List<JsonNode> ids = List.of(
                IntNode.valueOf(0),
                IntNode.valueOf(1),
                IntNode.valueOf(2),
                IntNode.valueOf(3),
                IntNode.valueOf(4),
                IntNode.valueOf(5),
                IntNode.valueOf(6));
        SubmissionFile file = new SubmissionFile("x.json", "label", false, ids, List.of("a"));
        Path made = zip("x.json", "{}\n".repeat(7));
        assertThat(new SubmissionVerifier(List.of(file)).problems(made))
                .hasSize(6)
                .endsWith("x.json: 2 problems more");
    }

    @Test
    void numbersAreTheSameWhateverTheirJavaType() throws IOException {
        SubmissionFile file = new SubmissionFile("x.json", "label", false, List.of(LongNode.valueOf(1)), List.of("a"));
        assertThat(new SubmissionVerifier(List.of(file)).problems(zip("x.json", "{\"id\": 1, \"label\": \"a\"}")))
                .isEmpty();
    }

    @Test
    void whatIsNoArchive() throws IOException {
        Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
        assertThat(VERIFIER.problems(text)).singleElement().asString().contains("is no intact zip file");
        assertThatThrownBy(() -> VERIFIER.problems(folder.resolve("none.zip")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void answersMustFit() {
        assertThatThrownBy(() -> new Submission().add(NEWS, new int[] {1}))
                .hasMessage("newsf_predict.json: 1 answers for 3 rows");
        assertThatThrownBy(() -> new Submission().add(NEWS, new int[] {1, 3, 0}))
                .hasMessage("newsf_predict.json, line 2: answer 3 is none of 3 labels");
        assertThatThrownBy(() -> submission().add(NEWS, new int[] {1, 0, 0})).hasMessageContaining("twice");
        assertThatThrownBy(() -> new SubmissionFile("x.json", "label", true, List.of(), List.of("01")))
                .hasMessageContaining("no whole numbers");
        assertThatThrownBy(() -> new SubmissionFile("a/x.json", "label", true, List.of(), List.of("1")))
                .hasMessageContaining("no submission file");
    }
}
