package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Hostile and broken YAML: refused at its place. */
class YamlTreeTest {

    private static List<String> problems(String yaml) {
        ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> Configs.parse(yaml));
        assertThat(thrown).as("nothing was refused").isNotNull();
        return thrown.problems();
    }

    private static String minimalWith(String from, String to) {
        return Configs.MINIMAL.replace(from, to);
    }

    @Test
    void tags() {
        assertThat(problems(minimalWith("layers: 4", "layers: !!javax.script.ScriptEngineManager 4")))
                .containsExactly("run.yaml:2:11: tag tag:yaml.org,2002:javax.script.ScriptEngineManager is not allowed;"
                        + " write the plain value");
        assertThat(problems(minimalWith("train:\n  globalBatch", "train: !x\n  globalBatch")))
                .containsExactly("run.yaml:10:8: tag !x is not allowed; write the plain value");
    }

    @Test
    void anchorsAndAliases() {
        assertThat(problems(minimalWith("hidden: 64", "hidden: &w 64").replace("vocabulary: 100", "vocabulary: *w")))
                .containsExactly(
                        "run.yaml:3:11: anchor &w is not allowed; repeat the value instead",
                        "run.yaml:6:15: alias *w is not allowed; repeat the value");
    }

    @Test
    void bomb() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        List<String> problems = Assertions.assertTimeout(Duration.ofSeconds(5), () -> problems(bomb.toString()));
        assertThat(problems).contains("run.yaml:2:10: alias *a0 is not allowed; repeat the value");
    }

    @Test
    void depth() {
        String deep = "[".repeat(49) + "]".repeat(49);
        assertThat(problems("x: " + deep + "\n")).allMatch(problem -> !problem.contains("nested"));
        assertThat(problems("x: [" + deep + "]\n")).containsExactly("run.yaml:1:53: nested deeper than 50 levels");
        assertThat(problems("x: " + "[".repeat(200_000)))
                .containsExactly("run.yaml:1:53: nested deeper than 50 levels");
    }

    @Test
    void notYaml() {
        assertThat(problems("model:\n  layers: [1, 2\ntrain: 3\n"))
                .singleElement()
                .asString()
                .startsWith("run.yaml:3:6: not valid YAML: while parsing a flow sequence, expected ',' or ']'");
        assertThat(problems("model:\n\tlayers: 1\n"))
                .singleElement()
                .asString()
                .startsWith("run.yaml:2:1: not valid YAML");
        assertThat(problems("a: \"x\n")).singleElement().asString().startsWith("run.yaml:2:1: not valid YAML");
    }

    @Test
    void keysAreWords() {
        assertThat(problems(Configs.MINIMAL + "? [a]\n: 1\n"))
                .containsExactly("run.yaml:16:3: a key must be a word, not a list");
    }

    @Test
    void oneDocument() {
        assertThat(problems(Configs.MINIMAL + "---\nmodel: {}\n"))
                .containsExactly("run.yaml:16:1: a second document starts here; a config is one document");
        assertThat(Configs.parse("---\n" + Configs.MINIMAL + "...\n")).isEqualTo(Configs.parse(Configs.MINIMAL));
    }

    @Test
    void unprintableCharacters() {
        assertThat(problems(minimalWith("text.txt", "te\u0007xt.txt")))
                .containsExactly(
                        "run.yaml:8:12: character U+0007 is not allowed; write it as an escape in double quotes");
    }

    @Test
    void columnsCountCharactersNotUnits() {
        assertThat(problems(Configs.MINIMAL + "report: {samplePrompt: \"😀今天\", sampleTokens: x}\n"))
                .containsExactly("run.yaml:16:45: report.sampleTokens: expected an integer, found 'x'");
    }

    @Test
    void windowsLineEnds() {
        assertThat(Configs.parse(Configs.MINIMAL.replace("\n", "\r\n"))).isEqualTo(Configs.parse(Configs.MINIMAL));
        assertThat(problems(minimalWith("heads: 4", "heads: x").replace("\n", "\r\n")))
                .containsExactly("run.yaml:4:10: model.heads: expected an integer, found 'x'");
    }
}
