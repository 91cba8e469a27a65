package io.github.gptmoe.eval.english;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptmoe.eval.task.LabelSet;
import java.util.ArrayList;
import java.util.List;

/** The last question of an examination on an article, after all others with their answers (Lai et al. 2017). */
final class Race extends MostLikely {
    private static final List<String> LEVELS = List.of("high", "middle");
    private static final List<String> LETTERS = List.of("A", "B", "C", "D");

    /** How a question ends whose answer goes into it. */
    private static final String BLANK = "  _  .";

    private final String name;
    private final String level;
    private final boolean stems;

    /**
     * A form of the task.
     *
     * @param name what the command line calls it
     * @param level whose passages it takes
     * @param stems whether an earlier question that ends in a blank keeps the words before it, as of version 3.0 of the
     *     harness's task; v0.2.0 loses them, and published figures were measured so
     */
    Race(String name, String level, boolean stems) {
        this.name = name;
        this.level = level;
        this.stems = stems;
    }

    /** One of the questions. */
    private record Problem(String question, List<String> options, int answer) {
        String right() {
            return options.get(answer);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String file() {
        return "race_test.jsonl";
    }

    @Override
    public LabelSet labels() {
        return LabelSet.of(LETTERS);
    }

    @Override
    public boolean takes(EnglishRow row) {
        String found = row.text("level");
        if (!LEVELS.contains(found)) {
            throw row.bad("the level '" + found + "' is neither high nor middle");
        }
        return found.equals(level);
    }

    @Override
    public EnglishQuestion question(EnglishRow row) {
        List<Problem> problems = problems(row);
        StringBuilder text =
                new StringBuilder("Article: ").append(row.text("article")).append("\n\n");
        for (Problem problem : problems.subList(0, problems.size() - 1)) {
            text.append(solved(problem)).append('\n');
        }
        Problem last = problems.get(problems.size() - 1);
        return row.question("id", text.append(last.question).toString(), last.options, last.answer);
    }

    private String solved(Problem problem) {
        if (!problem.question.endsWith(BLANK)) {
            return "Question: " + problem.question + "\nAnswer: " + problem.right();
        }
        return stems
                ? problem.question.substring(0, problem.question.length() - BLANK.length()) + " " + problem.right()
                // The original takes the last five characters here, where it means all but them.
                : BLANK.substring(1) + problem.right();
    }

    private static List<Problem> problems(EnglishRow row) {
        List<String> questions = row.texts("questions");
        List<String> answers = row.texts("answers");
        JsonNode options = row.needed("options");
        if (!options.isArray() || options.size() != questions.size() || answers.size() != questions.size()) {
            throw row.bad(questions.size() + " questions, " + options.size() + " lists of options and " + answers.size()
                    + " answers do not belong together");
        }
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            List<String> four = row.texts(options.get(i), "options");
            int answer = LETTERS.indexOf(answers.get(i));
            if (four.size() != LETTERS.size() || answer < 0) {
                throw row.bad("question " + (i + 1) + " needs four options and an answer from A to D; it has "
                        + four.size() + " and " + answers.get(i));
            }
            problems.add(new Problem(questions.get(i), four, answer));
        }
        return problems;
    }
}
