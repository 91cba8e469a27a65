package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.eval.task.PublishedScores.Row;
import io.github.gptmoe.eval.task.ScoreTable.Line;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class SummaryTest {
    private static final PublishedScores PUBLISHED = new PublishedScores(
            List.of("first", "second"),
            "on other rows",
            List.of(new Row("theirs", "a paper", 55.2, List.of(50.0, 60.0))));

    private static TaskResult result(String task, int[]... rows) {
        return TaskResult.of(Rows.facts(task), Rows.OPINION, Rows.of(Rows.OPINION, rows));
    }

    private static Summary summary(String... tasks) {
        return new Summary(
                "ours",
                IntStream.range(0, tasks.length)
                        .mapToObj(i -> result(tasks[i], new int[][] {{0, 0}, {0, 0}, {1, i % 2}, {1, 0}}))
                        .toList(),
                PUBLISHED);
    }

    private static Line line(Summary summary, String name) {
        return summary.table().lines().stream()
                .filter(line -> line.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Its text; columns are one space apart. */
    private static String spaced(Summary summary) {
        return summary.text().replaceAll(" +", " ");
    }

    private static Document parsed(String html) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(html.replace("<!DOCTYPE html>", ""))));
        } catch (SAXException | IOException | ParserConfigurationException malformed) {
            throw new AssertionError(malformed.getMessage() + "\n" + html, malformed);
        }
    }

    private static long withClass(Document page, String element, String style) {
        NodeList all = page.getElementsByTagName(element);
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .filter(node -> node.getAttribute("class").equals(style))
                .count();
    }

    @Test
    void meansArePlain() {
        Summary summary = summary("first", "second");
        Line ours = line(summary, "ours");
        assertThat(ours.mean().value()).isCloseTo((0.5 + 0.75) / 2, within(1e-15));
        assertThat(ours.mean().interval().contains(ours.mean().value())).isTrue();
        assertThat(ours.cells().get(1).value()).isEqualTo(0.75);
        assertThat(line(summary, "lexical").mean().value()).isEqualTo(0.75);
        assertThat(line(summary, "commonest label").mean().value()).isEqualTo(0.5);
        assertThat(line(summary, "random").mean().value()).isEqualTo(0.5);
        assertThat(line(summary, "theirs").mean().value()).isCloseTo(0.552, within(1e-12));
    }

    @Test
    void someOfTheTasksHaveAMeanOfTheirOwn() {
        assertThat(line(summary("second"), "theirs").mean().value()).isCloseTo(0.6, within(1e-12));
        Line unknown = line(summary("first", "tenth"), "theirs");
        assertThat(unknown.cells().get(1).value()).isNaN();
        assertThat(unknown.mean().value()).isNaN();
        assertThat(spaced(summary("first", "tenth"))).contains("theirs – 50.0 –\n");
    }

    @Test
    void textAndMarkdown() {
        String text = spaced(summary("first", "second"));
        assertThat(text)
                .startsWith(" mean first second\nours 62.5 50.0 75.0\n95 % interval ")
                .contains("mean: plain mean over the 2 tasks.", "Published: on other rows.")
                .doesNotContain("NaN");
        assertThat(summary("first", "second").markdown())
                .startsWith("|  | mean | first | second |\n|---|---:|---:|---:|\n| **ours** | 62.5 | 50.0 | 75.0 |\n")
                .contains("| theirs | 55.2 | 50.0 | 60.0 |\n")
                .contains("theirs: a paper.");
    }

    @Test
    void chineseTakesTwoColumns() {
        TextTable table =
                new TextTable().row(List.of("", "a")).row(List.of("好评", "1")).row(List.of("abcd|", "2"));
        assertThat(table.text()).isEqualTo("       a\n好评   1\nabcd|  2\n");
        assertThat(table.markdown()).endsWith("| abcd\\| | 2 |\n");
    }

    @Test
    void tasksWithoutLabelsAreSaid() {
        Summary summary = new Summary(
                "ours", List.of(result("first", new int[] {0, 0}), result("second", new int[] {-1, 0})), PUBLISHED);
        assertThat(summary.table().tasks()).containsExactly("first");
        assertThat(summary.notes().get(0)).startsWith("second, test_public: predicted, but no labels are known");
        Summary none = new Summary("ours", List.of(result("second", new int[] {-1, 0})), PUBLISHED);
        assertThat(none.table().lines()).isEmpty();
        assertThat(none.text()).hasLineCount(1);
        parsed(none.html());
    }

    @Test
    void thePageNeedsNothingElse() {
        String html = summary("first", "second").html();
        Document page = parsed(html);
        assertThat(html).doesNotContain("<script", "<link", "src=", "href=", "url(", "@import", "NaN", "Infinity");
        assertThat(html).contains("prefers-color-scheme: dark");
        assertThat(withClass(page, "rect", "bar")).isEqualTo(2);
        assertThat(withClass(page, "rect", "right")).isEqualTo(3);
        assertThat(withClass(page, "rect", "wrong")).isEqualTo(2);
        assertThat(html)
                .contains("Negative 差评 taken for Positive 好评: 2 (100.0 % of the row)")
                .contains("first 50.0 %, 95 %: ")
                .contains("theirs 60.0 %");
        assertThat(html).isEqualTo(summary("first", "second").html());
    }

    @Test
    void manyLabelsAndStrangeNames(@TempDir Path folder) {
        List<String> values = IntStream.range(0, 119).mapToObj(String::valueOf).toList();
        List<String> names =
                IntStream.range(0, 119).mapToObj(i -> "<名" + i + "> & \"x\"").toList();
        LabelSet labels = new LabelSet(values, names);
        TaskResult many = TaskResult.of(Rows.facts("many"), labels, Rows.random(labels, 1000, 0.5, 1));
        Summary summary = new Summary("a <model> & more", List.of(many), PublishedScores.shipped());
        parsed(summary.html());
        Path file = folder.resolve("new").resolve("tasks.html");
        summary.write(file);
        assertThat(file).content().isEqualTo(summary.html());
        assertThat(summary.html().length()).isLessThan(200_000);
    }

    @Test
    void thePublishedRowsAreWhole() {
        PublishedScores shipped = PublishedScores.shipped();
        assertThat(shipped.tasks()).hasSize(9).doesNotHaveDuplicates();
        assertThat(shipped.rows()).extracting(Row::model).hasSize(7).contains("zero-shot GPT (NEZHA-Gen)");
        for (Row row : shipped.rows()) {
            double mean = row.accuracy().stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow();
            assertThat(row.score()).as(row.model()).isCloseTo(mean, within(0.1));
            assertThat(row.source()).startsWith("https://");
        }
        assertThatThrownBy(() ->
                        new PublishedScores(List.of("one"), "", List.of(new Row("theirs", "", 1, List.of(1.0, 2.0)))))
                .hasMessage("theirs has 2 figures for 1 tasks");
    }

    @Test
    void severalModelsShareBaselines() {
        TaskResult worse = result("first", new int[][] {{0, 1}, {0, 0}, {1, 0}, {1, 0}});
        TaskResult better = result("first", new int[][] {{0, 0}, {0, 0}, {1, 1}, {1, 0}});
        Summary both = new Summary(
                List.of(new ModelResults("before", List.of(worse)), new ModelResults("after", List.of(better))),
                PUBLISHED);
        assertThat(both.table().lines())
                .extracting(Line::name)
                .containsExactly(
                        "before",
                        "after",
                        "lexical",
                        "lexical, label words alone",
                        "commonest label",
                        "random",
                        "theirs");
        assertThat(line(both, "before").mean().value()).isEqualTo(0.25);
        assertThat(line(both, "after").cells().get(0).value()).isEqualTo(0.75);
        Document page = parsed(both.html());
        assertThat(page.getElementsByTagName("h2").getLength()).isEqualTo(1);
        assertThat(page.getElementsByTagName("h3").getLength()).isEqualTo(2);
        assertThat(withClass(page, "rect", "bar")).isEqualTo(2);
        assertThat(both.html()).contains("first, before 25.0 %", "first, after 75.0 %");
        TaskResult others = result("first", new int[][] {{0, 0}, {1, 1}});
        assertThatThrownBy(() -> new Summary(
                        List.of(new ModelResults("a", List.of(worse)), new ModelResults("b", List.of(others))),
                        PUBLISHED))
                .hasMessageContaining("on the same rows");
    }

    @Test
    void eachTaskOnce() {
        assertThatThrownBy(() -> summary("first", "first")).hasMessageContaining("one result of each task");
        assertThatThrownBy(() -> new Summary("ours", List.of(), PUBLISHED)).hasMessageContaining("one result of each");
    }
}
