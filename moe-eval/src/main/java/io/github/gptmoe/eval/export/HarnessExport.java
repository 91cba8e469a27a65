package io.github.gptmoe.eval.export;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskPattern;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.train.checkpoint.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Task files as configurations of lm-evaluation-harness: a file for each pattern of a set, and a group over all. They name the
 * rows where they lie; nothing of the rows is in them.
 *
 * @param tasks tasks without problems
 * @param data the data folder, with a folder for each task
 * @param split whose rows are evaluated
 * @param set the pattern set
 */
public record HarnessExport(List<Task> tasks, Path data, String split, String set) {
    /** What names of groups and tasks begin with. */
    public static final String GROUP = "zeroclue";

    private static final String DEFAULT_SET = "article";

    /**
     * Copies the list.
     *
     * @param tasks as above
     * @param data as above
     * @param split as above
     * @param set as above
     */
    public HarnessExport {
        tasks = List.copyOf(tasks);
    }

    /**
     * The files' contents.
     *
     * @return name to text, tasks first, the group last
     * @throws InputException if a task lacks the set or the split, or has a field that cannot be exported
     */
    public Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        for (Task task : tasks) {
            PatternSet patterns = task.patternSet(set)
                    .orElseThrow(() -> new InputException(
                            InputException.Kind.CONFIGURATION,
                            "task " + task.name() + " has no pattern set '" + set + "'; it has "
                                    + String.join(
                                            ", ",
                                            task.sets().stream()
                                                    .map(PatternSet::name)
                                                    .toList())
                                    + "; choose another with --patterns, or leave the task out with --task"));
            Path rows = new TaskReader(task, data).file(split).toAbsolutePath().normalize();
            for (int i = 0; i < patterns.patterns().size(); i++) {
                TaskPattern pattern = patterns.patterns().get(i);
                String number = patterns.patterns().size() == 1 ? "" : "_" + (i + 1);
                String name = GROUP + "_" + task.name() + suffix() + number;
                names.add(name);
                files.put(
                        name + ".yaml",
                        HarnessYaml.task(task, patterns, name, HarnessTemplates.of(task, pattern), rows));
            }
        }
        String group = GROUP + suffix();
        files.put(group + ".yaml", HarnessYaml.group(group, names));
        return files;
    }

    private String suffix() {
        return set.equals(DEFAULT_SET) ? "" : "_" + set;
    }

    /**
     * Writes the files, replacing older ones.
     *
     * @param out folder, made if missing
     * @return the files
     * @throws InputException as of {@link #files}, or if they cannot be written
     */
    public List<Path> write(Path out) {
        Map<String, String> files = files();
        List<Path> written = new ArrayList<>();
        try {
            Files.createDirectories(out);
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path path = out.resolve(file.getKey());
                DurableFile.replace(path, fresh -> Files.writeString(fresh, file.getValue()));
                written.add(path);
            }
        } catch (IOException refused) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "cannot write to " + out + " (" + refused + "); make room, or choose another place with --out",
                    refused);
        }
        return written;
    }
}
