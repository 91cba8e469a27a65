package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The texts of test splits, to keep them out of training. Texts are compared by their letters and digits alone, in lower case.
 */
final class TestTexts {
    static final String TEST_PUBLIC = "test_public";

    /** Shorter texts, such as a keyword or a pronoun, are shared by chance; whole rows are compared whatever their length. */
    private static final int TELLING_CHARACTERS = 12;

    private final Set<String> texts = new HashSet<>();

    /** Knows no texts. */
    TestTexts() {}

    /** Reads the test splits of tasks, as far as they are there: a text of one task may be tested by another. */
    static TestTexts of(Collection<Task> tasks, Path data) {
        TestTexts found = new TestTexts();
        for (Task task : tasks) {
            TaskReader reader = new TaskReader(task, data);
            Stream.of(task.data().test(), TEST_PUBLIC)
                    .distinct()
                    .filter(reader::has)
                    .forEach(split -> reader.read(split).forEach(found::add));
        }
        return found;
    }

    private void add(TaskRow row) {
        telling(row).forEach(texts::add);
    }

    /** Whether a row has a text that is tested. */
    boolean have(TaskRow row) {
        return telling(row).anyMatch(texts::contains);
    }

    private static Stream<String> telling(TaskRow row) {
        return Stream.concat(
                Stream.of(letters(
                        String.join("\n", row.slots().values().stream().sorted().toList()))),
                row.slots().values().stream()
                        .map(TestTexts::letters)
                        .filter(text -> text.length() >= TELLING_CHARACTERS));
    }

    private static String letters(String text) {
        return text.codePoints()
                .filter(Character::isLetterOrDigit)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .toLowerCase(Locale.ROOT);
    }
}
