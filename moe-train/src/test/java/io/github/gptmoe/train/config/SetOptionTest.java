package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

class SetOptionTest {

    private static List<String> problems(String... sets) {
        ConfigException thrown =
                catchThrowableOfType(ConfigException.class, () -> Configs.parse(Configs.MINIMAL, sets));
        assertThat(thrown).as("nothing was refused").isNotNull();
        return thrown.problems();
    }

    @Test
    void replacesAddsAndClears() {
        RunConfig run = Configs.parse(
                Configs.MINIMAL,
                "model.layers=2",
                "checkpoint.keepLast=7",
                "train.schedule={type: linear, warmupSteps: 3}",
                "train.schedule.warmupSteps=4",
                "train.steps=",
                "train.tokens=1_000");
        assertThat(run.model().layers()).isEqualTo(2);
        assertThat(run.checkpoint().keepLast()).isEqualTo(7);
        assertThat(run.train().schedule()).isEqualTo(new ScheduleConfig("linear", 4L, 0.0, 0.2));
        assertThat(run.train().steps()).isNull();
        assertThat(run.train().tokens()).isEqualTo(1000L);
    }

    @Test
    void lastOneWins() {
        assertThat(Configs.parse(Configs.MINIMAL, "train.steps=x", "train.steps=12")
                        .train()
                        .steps())
                .isEqualTo(12);
    }

    @Test
    void listsAndPlainText() {
        RunConfig run = Configs.parse(
                Configs.MINIMAL,
                "data.train=[a.txt, \"b, c.txt\"]",
                "data.tokenizer=folder with: colon # and hash.model",
                "report.samplePrompt=*今天 & !!明天");
        assertThat(run.data().train()).containsExactly("a.txt", "b, c.txt");
        assertThat(run.data().tokenizer()).isEqualTo("folder with: colon # and hash.model");
        assertThat(run.report().samplePrompt()).isEqualTo("*今天 & !!明天");
    }

    @Test
    void quotesMakeText() {
        assertThat(Configs.parse(Configs.MINIMAL, "report.samplePrompt=\"no\"")
                        .report()
                        .samplePrompt())
                .isEqualTo("no");
    }

    @Test
    void mistakesNameTheOption() {
        assertThat(problems("train.steps"))
                .containsExactly("--set train.steps: expected key=value, for example --set train.steps=100");
        assertThat(problems("=3")).containsExactly("--set =3: expected key=value, for example --set train.steps=100");
        assertThat(problems("train.steps=1.5"))
                .containsExactly("--set train.steps=1.5: train.steps: expected an integer, found '1.5'");
        assertThat(problems("modle.layers=3"))
                .singleElement()
                .asString()
                .startsWith("--set modle.layers=3: modle: unknown key; did you mean 'model'?");
        assertThat(problems("train.steps.a=1"))
                .containsExactly("--set train.steps.a=1: train.steps.a: steps is '10', it has no key a; set steps as a"
                        + " whole");
        assertThat(problems("data.train=[a, b"))
                .singleElement()
                .asString()
                .startsWith("--set data.train=[a, b: data.train: not valid YAML: while parsing a flow sequence");
        assertThat(problems("model.experts=[&x 4, *x]"))
                .containsExactly(
                        "--set model.experts=[&x 4, *x]: model.experts: anchor &x is not allowed; repeat the value"
                                + " instead",
                        "--set model.experts=[&x 4, *x]: model.experts: alias *x is not allowed; repeat the value");
    }

    @Test
    void longValuesAreCutInMessages() {
        assertThat(problems("train.steps=" + "😀".repeat(500)))
                .singleElement()
                .asString()
                .startsWith("--set train.steps=" + "😀".repeat(68) + "...: train.steps: expected an integer");
    }
}
