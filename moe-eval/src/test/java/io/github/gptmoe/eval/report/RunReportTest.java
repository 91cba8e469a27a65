package io.github.gptmoe.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.report.ReportJson;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.RunSummary.LayerLoad;
import io.github.gptmoe.train.report.TrainingLine;
import io.github.gptmoe.train.report.ValidationLine;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class RunReportTest {
    private static final String CONFIG = """
            model: {layers: 2, hidden: 16, heads: 2, sequenceLength: 16, vocabulary: 100, experts: 4}
            data: {train: text.txt, tokenizer: text.model}
            train: {globalBatch: 4, microBatch: 4, steps: 20, optimizer: {learningRate: %s}}
            """;

    @TempDir
    private Path folder;

    /** Ten steps of 64 tokens, of half a second each, and an evaluation in the middle. */
    private Path run(String name, String learningRate) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), CONFIG.formatted(learningRate));
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= 10; step++) {
            lines.append(line(step, 8.0 / step));
        }
        lines.append(json(new ValidationLine(5, 4.25, Math.exp(4.25), 2.5)));
        Files.writeString(run.resolve("metrics.jsonl"), lines);
        return run;
    }

    private static String line(int step, double loss) throws IOException {
        return json(new TrainingLine(
                step,
                64L * step,
                loss,
                loss,
                1.1,
                0,
                1e-3,
                2,
                128,
                1,
                0.5,
                1L << 30,
                new TrainingLine.ExpertLoad(1.5, 0),
                false,
                0.02,
                null));
    }

    private static String json(Record line) throws IOException {
        return ReportJson.mapper().writeValueAsString(line) + "\n";
    }

    private static void finish(Path run, double bigramLoss) throws IOException {
        RunSummary summary = new RunSummary(
                true,
                20,
                1280,
                3,
                2.9,
                3.1,
                Math.exp(3.1),
                2.2,
                6.5,
                bigramLoss,
                new ParameterCount(1_234_567, 1_000, 2_000),
                0,
                75,
                17,
                0.61,
                100,
                "fp32",
                "checkpoints/step-00000020",
                0.0042,
                6.54,
                List.of(new LayerLoad(1, List.of(0.7, 0.1, 0.1, 0.1), 2.8, 0.68, 0.125)));
        Files.writeString(run.resolve("summary.json"), json(summary));
    }

    private static Document parsed(String html) {
        try {
            String xml = html.replace("<!DOCTYPE html>", "");
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)));
        } catch (SAXException | IOException | ParserConfigurationException malformed) {
            throw new AssertionError(malformed.getMessage(), malformed);
        }
    }

    private static String text(String html) {
        return parsed(html).getDocumentElement().getTextContent();
    }

    @Test
    void aFinishedRunShowsItsSummary() throws IOException {
        Path run = run("first", "1e-3");
        finish(run, 5.5291);
        RunReport report = RunReport.read(List.of(run));
        assertThat(text(report.html()))
                .contains(
                        "Run first",
                        "finished",
                        "1,234,567",
                        "0:01:15 h",
                        "3.1000",
                        "5.5291",
                        "unigram 6.5",
                        "bigram 5.529")
                .containsSubsequence("waiting for data", "0.420 %", "first step after", "6.5 s")
                .contains("Expert load", "expert 0: 70.00 %", "0.125", "Resolved configuration")
                .contains("Not drawn because absent or 0 throughout: margin loss, dropped tokens.");
        assertThat(report.remarks()).isEmpty();
        assertThat(report.values().get(0).validationLoss()).isEqualTo(3.1);
    }

    @Test
    void thePageNeedsNothingElse() throws IOException {
        String html = RunReport.read(List.of(run("first", "1e-3"))).html();
        assertThat(html).startsWith("<!DOCTYPE html>").doesNotContain("src=", "href=", "url(", "@import", "<script");
        assertThat(html.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xhtml", ""))
                .doesNotContain("://");
        assertThat(html.substring(html.indexOf("<style>"), html.indexOf("</style>")))
                .as("browsers do not decode references in a style")
                .doesNotContain("&");
    }

    @Test
    void anUnfinishedRunIsMeasuredByItsLines() throws IOException {
        RunValues values =
                RunReport.read(List.of(run("first", "1e-3"))).values().get(0);
        assertThat(values.finished()).isFalse();
        assertThat(values.step()).isEqualTo(10);
        assertThat(values.totalSteps()).isEqualTo(20);
        assertThat(values.trainingSeconds()).isCloseTo(5, within(1e-9));
        assertThat(values.tokensPerSecond()).isCloseTo(128, within(1e-9));
        assertThat(values.mfu()).isCloseTo(0.5, within(1e-9));
        assertThat(values.dataWaitShare()).isCloseTo(0.04, within(1e-9));
        assertThat(values.secondsToFirstStep()).isNaN();
        assertThat(values.validationLoss()).isEqualTo(4.25);
        assertThat(values.bigramLoss()).isNaN();
        assertThat(values.parameters()).isNotNull();
    }

    @Test
    void aTornLastLineAndRepeatedStepsAreNormal() throws IOException {
        Path run = run("first", "1e-3");
        Path metrics = run.resolve("metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics) + line(9, 77) + line(10, 0.5) + "{\"step\":11,\"tok");
        RunReport report = RunReport.read(List.of(run));
        assertThat(report.remarks()).isEmpty();
        assertThat(report.values().get(0).step()).isEqualTo(10);
        assertThat(report.values().get(0).lmLoss()).isEqualTo(0.5);
        assertThat(report.html()).contains("first raw 77 at 576 tokens, 9 steps");
    }

    @Test
    void damagedLinesSettingsAndSummariesAreSaidAndLeftOut() throws IOException {
        Path run = run("first", "1e-3");
        Path metrics = run.resolve("metrics.jsonl");
        Files.writeString(metrics, "\0\0\0\n" + Files.readString(metrics));
        Files.writeString(run.resolve("config.yaml"), "modle: 1\n");
        Files.writeString(run.resolve("summary.json"), "{\"finished\":");
        RunReport report = RunReport.read(List.of(run));
        assertThat(report.remarks()).hasSize(3);
        assertThat(report.remarks().get(0)).contains("metrics.jsonl", "1 lines");
        assertThat(text(report.html())).contains("final values are left out", "settings are left out");
        Files.delete(run.resolve("config.yaml"));
        Files.delete(run.resolve("summary.json"));
        assertThat(RunReport.read(List.of(run)).values().get(0).parameters()).isNull();
        RunReport.read(List.of(run)).html();
    }

    @Test
    void namesAreText() throws IOException {
        Path run = run("a & <b>\"'今天", "1e-3");
        assertThat(text(RunReport.read(List.of(run, run("other", "1e-3"))).html()))
                .contains("a & <b>\"'今天");
    }

    @Test
    void severalRunsAreToldApartByWhatDiffers() throws IOException {
        Path first = run("first", "1e-3");
        Path second = run("second", "2e-3");
        finish(first, 5.5);
        finish(second, 5.5);
        RunReport report = RunReport.read(List.of(first, second));
        assertThat(report.differences()).containsOnlyKeys("train.optimizer.learningRate");
        assertThat(report.differences().get("train.optimizer.learningRate")).containsExactly("0.001", "0.002");
        String html = report.html();
        assertThat(text(html)).contains("Comparison of 2 runs", "train.optimizer.learningRate 0.002");
        assertThat(html).contains("curve c0", "curve c1").doesNotContain("curve c2");
        assertThat(html.split(">bigram 5.5<", -1)).as("one line for both").hasSize(2);
    }

    @Test
    void equalFolderNamesAreToldApartByTheirPaths() throws IOException {
        Path first = run("one/run", "1e-3");
        Path second = run("two/run", "1e-3");
        assertThat(RunReport.read(List.of(first, second)).values())
                .extracting(RunValues::name)
                .containsExactly(first.toString(), second.toString());
    }

    @Test
    void whatIsNotARunIsRefusedWithTheRemedy() throws IOException {
        for (Path path : List.of(folder, folder.resolve("missing"), folder.resolve("file"))) {
            Files.writeString(folder.resolve("file"), "");
            assertThatThrownBy(() -> RunReport.read(List.of(path)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("moe pretrain");
        }
        Path empty = run("empty", "1e-3");
        Files.writeString(empty.resolve("metrics.jsonl"), "");
        assertThatThrownBy(() -> RunReport.read(List.of(empty)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no step yet");
    }

    @Test
    void plotsAreFilesOfTheirOwn() throws IOException {
        Path plots = folder.resolve("new/plots");
        List<Path> files = RunReport.read(List.of(run("first", "1e-3"))).writeSvg(plots);
        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "training-loss.svg",
                        "validation-loss.svg",
                        "balance-loss.svg",
                        "learning-rate.svg",
                        "gradient-norm.svg",
                        "speed.svg",
                        "resident-memory.svg",
                        "expert-load.svg");
        try (Stream<Path> found = Files.list(plots)) {
            assertThat(found).hasSameSizeAs(files);
        }
        for (Path file : files) {
            parsed(Files.readString(file));
        }
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
        RunReport report = RunReport.read(List.of(run("first", "1e-3")));
        assertThatThrownBy(() -> report.write(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is a folder");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> report.write(file.resolve("report.html")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--out");
    }

    @Test
    void theSameFilesGiveTheSameBytes() throws IOException {
        Path run = run("first", "1e-3");
        Path file = folder.resolve("report.html");
        RunReport.read(List.of(run)).write(file);
        String once = Files.readString(file);
        RunReport.read(List.of(run)).write(file);
        assertThat(Files.readString(file)).isEqualTo(once);
    }
}
