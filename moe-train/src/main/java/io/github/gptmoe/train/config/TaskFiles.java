package io.github.gptmoe.train.config;

import io.github.gptmoe.data.task.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a {@link Task} from YAML, as strictly as a configuration: everything that is wrong with it at once, with its place. */
public final class TaskFiles {

    private static final String FOLDER = "configs/tasks";

    private TaskFiles() {}

    /**
     * Reads a task.
     *
     * @param name a bare name such as {@code eprstmt}, which is looked up in {@code configs/tasks} of the working folder, then
     *     among the tasks inside the program; or the path of a YAML file
     * @return the task, which has no problems
     * @throws ConfigException if there is no such task, naming the nearest and all known ones, or if anything is wrong with
     *     it, with every problem
     * @throws java.io.UncheckedIOException if the file exists and cannot be read
     */
    public static Task load(String name) {
        return load(name, Path.of(""));
    }

    /**
     * Reads the text of a task file.
     *
     * @param source what to call the text in messages
     * @param yaml the text
     * @return the task, which has no problems
     * @throws ConfigException if anything is wrong with it, with every problem
     */
    public static Task parse(String source, String yaml) {
        return ConfigLoader.parse(Task.class, Task::problems, source, yaml, List.of());
    }

    /**
     * Names that can be loaded without a path.
     *
     * @return shipped tasks and those in the working folder's {@code configs/tasks}, sorted
     */
    public static Set<String> names() {
        return names(Path.of(""));
    }

    static Set<String> names(Path workingFolder) {
        return ConfigSource.names(FOLDER, workingFolder);
    }

    static Task load(String name, Path workingFolder) {
        ConfigSource source = find(name, workingFolder)
                .orElseThrow(() -> new ConfigException(name, List.of(missing(name, workingFolder))));
        return parse(source.name(), source.text());
    }

    private static Optional<ConfigSource> find(String name, Path workingFolder) {
        boolean bare = !name.contains("/") && !name.contains("\\");
        boolean yaml = name.endsWith(ConfigSource.EXTENSION);
        String file = yaml ? name : name + ConfigSource.EXTENSION;
        List<String> places = new ArrayList<>();
        if (yaml || !bare) {
            places.add(name);
            places.add(file);
        }
        if (bare) {
            places.add(FOLDER + "/" + file);
        }
        return places.stream()
                .flatMap(place -> ConfigSource.inFolder(name, place, workingFolder).stream())
                .findFirst()
                .or(() -> bare ? ConfigSource.shipped(FOLDER, file) : Optional.empty());
    }

    private static String missing(String name, Path workingFolder) {
        Set<String> names = names(workingFolder);
        String nearest = NearestKey.to(name, names)
                .map(near -> "; nearest name: " + near)
                .orElse("");
        return "no task '" + name + "': neither a YAML file, nor a name in " + FOLDER
                + " of the working folder or among the shipped tasks" + nearest + "; tasks that exist: "
                + String.join(", ", names);
    }
}
