package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The questions of a task's file.
 *
 * @param file the file
 * @param questions in its order, at least one
 * @param others rows of other parts of the file, which this task does not ask about
 */
record EnglishFile(Path file, List<EnglishQuestion> questions, int others) {
    /** Reads the task's file, plain or compressed. */
    static EnglishFile read(EnglishTask task, Path data) {
        Path plain = data.resolve(task.file());
        Path compressed = data.resolve(task.file() + ".gz");
        Path file = Stream.of(plain, compressed)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "task " + task.name() + ": no file " + plain + " or " + compressed
                                + "; name the data folder with --data (default data/english); docs/english-tasks.md has"
                                + " the names and fields"));
        List<EnglishQuestion> questions = new ArrayList<>();
        int others = 0;
        try (JsonLinesReader reader = JsonLinesReader.open(file)) {
            for (JsonLinesReader.Row row = reader.next(); row != null; row = reader.next()) {
                EnglishRow fields = new EnglishRow(file, row);
                if (task.takes(fields)) {
                    questions.add(task.question(fields));
                } else {
                    others++;
                }
            }
        }
        if (questions.isEmpty()) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, file + ": has no rows for " + task.name() + "; copy it again");
        }
        return new EnglishFile(file, List.copyOf(questions), others);
    }
}
