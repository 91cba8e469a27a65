package io.github.gptmoe.eval.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import io.github.gptmoe.train.Pretraining;
import io.github.gptmoe.train.Resume;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.config.ConfigLoader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class BeforeAfterTest {
    private static final List<String> SETS = List.of(
            "train.precision=fp32",
            "train.globalBatch=4",
            "train.microBatch=2",
            "train.validationBatches=1",
            "train.optimizer.learningRate=1e-2",
            "checkpoint.everySteps=0",
            "adapt.epochs=4",
            "adapt.labellers=[lexical, agreement]",
            "adapt.confidence=0.9");

    private final List<String> heard = new ArrayList<>();

    @TempDir
    Path folder;

    private AdaptationRequest request;

    @BeforeEach
    void describe() throws IOException {
        request = new AdaptationRequest(
                TinyRun.create(folder.resolve("base")).folder(),
                List.of(Mood.task()),
                Mood.write(folder.resolve("data"), false),
                folder.resolve("out"),
                further -> ConfigLoader.loadAdaptation(
                        "../configs/adapt/standard.yaml",
                        Stream.concat(SETS.stream(), further.stream()).toList()));
    }

    private BeforeAfter evaluation(String split) {
        return new BeforeAfter(request, split, new ZeroShotListener() {
            @Override
            public void message(String text) {
                heard.add(text);
            }

            @Override
            public void scored(String task, String of, int done, int rows) {
                heard.add(task + " " + of + " " + done + "/" + rows);
            }
        });
    }

    private List<AdaptedRound> adapt() {
        AdaptationRun run = new AdaptationRun(
                request,
                (config, place) ->
                        new Pretraining(config, place, Resume.auto(), new SilentProgress(), new StopRequest()).run(),
                heard::add);
        assertThat(run.run().finished()).isTrue();
        return run.rounds();
    }

    @Test
    void theStartAndTheEndAreAskedTheSame() throws Exception {
        evaluation("test_public").requireUsable();
        List<AdaptedRound> rounds = adapt();
        assertThat(rounds).extracting(AdaptedRound::round).containsExactly(1, 2);

        AdaptationReport report = evaluation("test_public").run(rounds);
        report.write(folder.resolve("out"));

        assertThat(report.before().checkpoint()).contains("base");
        assertThat(report.after().checkpoint()).contains("out");
        assertThat(report.before().results().get(0).n()).isEqualTo(2);
        assertThat(report.comparison().tasks()).hasSize(1);
        assertThat(report.comparison().meanA())
                .isEqualTo(report.after().results().get(0).accuracy());
        TermLosses before = report.before().losses();
        TermLosses after = report.after().losses();
        assertThat(after.context().tokens())
                .isEqualTo(before.context().tokens())
                .isPositive();
        assertThat(after.context().loss()).isLessThan(before.context().loss());
        assertThat(after.label().loss()).isLessThan(before.label().loss());
        assertThat(report.text()).contains("pseudo label", "before", "after", "McNemar p", "lexical");
        String page = Files.readString(folder.resolve("out/adaptation.html"));
        parse(page);
        assertThat(page)
                .contains("Round 1, mood", "Round 2, mood", "is not known", "After against before", "zero-shot GPT")
                .contains("Loss = 0.5 context + 0.1 prompt + 1.0 pseudo label")
                .doesNotContain("<script", "href=", "src=", "NaN");
        JsonNode results = new ObjectMapper()
                .readTree(folder.resolve("out/adaptation-results.json").toFile());
        assertThat(results.path("after")
                        .path("losses")
                        .path("label")
                        .path("loss")
                        .asDouble())
                .isEqualTo(after.label().loss());

        heard.clear();
        AdaptationReport again = evaluation("test_public").run(rounds);
        assertThat(heard).hasSize(2).allMatch(line -> line.contains("results kept"));
        assertThat(again).isEqualTo(report);

        heard.clear();
        Path rows = folder.resolve("data/mood/test_public.json");
        Files.writeString(rows, Files.readString(rows) + "{\"id\": 9, \"sentence\": \"好\", \"label\": \"up\"}\n");
        assertThat(evaluation("test_public")
                        .run(rounds)
                        .before()
                        .results()
                        .get(0)
                        .n())
                .isEqualTo(3);
        assertThat(heard).noneMatch(line -> line.contains("results kept"));
        // Predictions of another split are no longer compared.
        assertThat(evaluation("train_0").run(rounds).comparison().tasks())
                .extracting(task -> task.name())
                .containsExactly("mood.train_0");
    }

    private static void parse(String html) throws ParserConfigurationException, SAXException, IOException {
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html.replace("<!DOCTYPE html>", ""))));
    }

    @Test
    void whatWouldFailAfterTrainingFailsBefore() {
        assertThatThrownBy(() -> evaluation("test").requireUsable())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no labels");
        assertThatThrownBy(() -> evaluation("dev_9").requireUsable())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("dev_9.json");
    }
}
