package io.github.gptmoe.eval.english;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts, candidates and answers of each task, and rows that cannot be used. */
class EnglishTasksTest {
    @TempDir
    private Path folder;

    private EnglishQuestion question(String task, String row) throws IOException {
        EnglishTask of = EnglishTasks.of(task);
        Files.writeString(folder.resolve(of.file()), row + "\n");
        EnglishFile file = EnglishFile.read(of, folder);
        assertThat(file.questions()).hasSize(1);
        return file.questions().get(0);
    }

    @Test
    void lambadaAsksForTheLastWord() throws IOException {
        EnglishQuestion question = question("lambada", "{\"text\": \"The cat sat.\\n\\nIt was  warm\"}");
        assertThat(question.context()).isEqualTo("The cat sat.\n\nIt was ");
        assertThat(question.candidates()).containsExactly("warm");
        assertThat(question.id().longValue()).isEqualTo(1);
    }

    @Test
    void piqaAsksForAGoal() throws IOException {
        EnglishQuestion question = question(
                "piqa", "{\"goal\": \"boil water\", \"sol1\": \"heat it \", \"sol2\": \"cool it\", \"label\": 1}");
        assertThat(question.context()).isEqualTo("Question: boil water\nAnswer:");
        assertThat(question.candidates()).containsExactly("heat it ", "cool it");
        assertThat(question.gold()).isEqualTo(1);
    }

    @Test
    void piqaHasASecondChoicePerCharacter() throws IOException {
        EnglishQuestion question =
                question("piqa", "{\"goal\": \"g\", \"sol1\": \"abcdefghij\", \"sol2\": \"a\", \"label\": 0}");
        List<LoglikelihoodAnswer> answers =
                List.of(new LoglikelihoodAnswer(-20, false), new LoglikelihoodAnswer(-3, false));
        assertThat(EnglishTasks.of("piqa").chosen(question, answers)).isEqualTo(1);
        assertThat(MostLikely.firstPerCharacter(question, answers)).isZero();
    }

    @Test
    void boolqAsksAboutThePassage() throws IOException {
        EnglishQuestion question = question(
                "boolq",
                "{\"question\": \"is ice cold\", \"passage\": \"Ice -- It is.\", \"idx\": 7, \"label\": true}");
        assertThat(question.context()).isEqualTo("Ice -- It is.\nQuestion: is ice cold?\nAnswer:");
        assertThat(question.candidates()).containsExactly("no", "yes");
        assertThat(question.gold()).isEqualTo(1);
        assertThat(question.id().intValue()).isEqualTo(7);
        EnglishTask boolq = EnglishTasks.of("boolq");
        assertThat(boolq.chosen(question, List.of(answer(-2), answer(-2)))).isZero();
        assertThat(boolq.chosen(question, List.of(answer(-2), answer(-1.9)))).isEqualTo(1);
    }

    private static LoglikelihoodAnswer answer(double logLikelihood) {
        return new LoglikelihoodAnswer(logLikelihood, false);
    }

    private static final String PASSAGE = """
            {"id": "high1.txt", "level": "%s", "article": "Ann has a dog.", \
            "questions": ["Who has a dog?", "The dog belongs to  _  .", "Ann   _  the dog", "Why?"], \
            "options": [["Bob", "Ann", "Eve", "Tom"], ["Eve", "Tom", "Ann", "Bob"], ["a", "b", "c", "d"], ["w", "x", "y", "z"]], \
            "answers": ["B", "C", "A", "D"]}""";

    @Test
    void raceAsksTheLastQuestionAfterTheOthers() throws IOException {
        EnglishQuestion question = question("race", PASSAGE.formatted("high"));
        // The second question has lost its words, as in the original.
        assertThat(question.context())
                .isEqualTo("Article: Ann has a dog.\n\nQuestion: Who has a dog?\nAnswer: Ann\n"
                        + " _  .Ann\nQuestion: Ann   _  the dog\nAnswer: a\nWhy?");
        assertThat(question.candidates()).containsExactly("w", "x", "y", "z");
        assertThat(question.gold()).isEqualTo(3);
        assertThat(question("race-v3", PASSAGE.formatted("high")).context())
                .isEqualTo("Article: Ann has a dog.\n\nQuestion: Who has a dog?\nAnswer: Ann\n"
                        + "The dog belongs to Ann\nQuestion: Ann   _  the dog\nAnswer: a\nWhy?");
    }

    @Test
    void raceTakesOneLevelAndCountsTheOther() throws IOException {
        Files.writeString(
                folder.resolve("race_test.jsonl"),
                PASSAGE.formatted("high") + "\n" + PASSAGE.formatted("middle") + "\n" + PASSAGE.formatted("middle"));
        EnglishFile high = EnglishFile.read(EnglishTasks.of("race"), folder);
        assertThat(high.questions()).hasSize(1);
        assertThat(high.others()).isEqualTo(2);
        EnglishFile middle = EnglishFile.read(EnglishTasks.of("race-middle"), folder);
        assertThat(middle.questions()).extracting(EnglishQuestion::line).containsExactly(2L, 3L);
        assertThat(middle.others()).isEqualTo(1);
    }

    @Test
    void webQuestionsTakesAnyNameThatGreedyDecodingWrites() throws IOException {
        EnglishQuestion question = question(
                "webqs",
                "{\"qId\": \"q1\", \"qText\": \"who was it?\", \"answers\": [\"Polk\", \"James K Polk\", \"James\"]}");
        assertThat(question.context()).isEqualTo("Question: who was it?\nAnswer:");
        // Greedy decoding that writes "James K Polk" has written "James".
        assertThat(question.candidates()).containsExactly("James", "Polk");
        EnglishTask webqs = EnglishTasks.of("webqs");
        List<LoglikelihoodAnswer> one = List.of(answer(-1), new LoglikelihoodAnswer(-5, true));
        assertThat(webqs.chosen(question, one)).isEqualTo(question.gold());
        assertThat(webqs.chosen(question, List.of(answer(-1), answer(-2)))).isNotEqualTo(question.gold());
        assertThat(webqs.scores(question, one)).containsExactly(-1, Double.NaN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "lambada     | {\"words\": \"a b\"} | the field text is missing; there are [words]",
                "lambada     | {\"text\": \"word\"} | a word after its last space",
                "lambada     | {\"text\": \"word \"} | a word after its last space",
                "lambada     | {\"text\": 3} | no text: 3",
                "piqa        | {\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 2} | neither 0 (sol1) nor 1",
                "piqa        | {\"goal\": \"g\", \"sol1\": \" \", \"sol2\": \"b\", \"label\": 1} | a blank text",
                "boolq       | {\"idx\": 1, \"question\": \"q\", \"passage\": \"p\", \"label\": 1} | neither true nor false",
                "race        | {\"level\": \"low\"} | the level 'low'",
                "race        | {\"level\": \"high\", \"questions\": [\"q\"], \"options\": [], \"answers\": [\"A\"]} | do not belong",
                "race | {\"level\": \"high\", \"questions\": [\"q\"], \"options\": [[\"a\"]], \"answers\": [\"A\"]} | four options",
                "webqs       | {\"qId\": 1, \"qText\": \"q\", \"answers\": []} | no list of texts",
            })
    void badRowsAreNamed(String task, String row, String problem) throws IOException {
        EnglishTask of = EnglishTasks.of(task);
        Path file = folder.resolve(of.file());
        Files.writeString(file, "\n" + row + "\n");
        assertThatThrownBy(() -> EnglishFile.read(of, folder))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ", line 2: ")
                .hasMessageContaining(problem);
    }

    @Test
    void missingAndEmptyFilesAreNamed() throws IOException {
        EnglishTask piqa = EnglishTasks.of("piqa");
        assertThatThrownBy(() -> EnglishFile.read(piqa, folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("piqa_valid.jsonl.gz")
                .hasMessageContaining("--data");
        Files.writeString(folder.resolve("piqa_valid.jsonl"), "\n");
        assertThatThrownBy(() -> EnglishFile.read(piqa, folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("has no rows");
        assertThatThrownBy(() -> EnglishTasks.of("tnews"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("lambada, piqa, boolq, race, webqs, race-middle, race-v3");
    }
}
