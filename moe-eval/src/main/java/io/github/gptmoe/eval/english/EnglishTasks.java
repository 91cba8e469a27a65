package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.InputException;
import java.util.List;
import java.util.stream.Stream;

/** All English tasks by name. */
public final class EnglishTasks {
    /** Stands for the five tasks that figures are published for. */
    public static final String ALL = "english";

    private static final List<EnglishTask> FIVE =
            List.of(new Lambada(), new Piqa(), new BoolQ(), new Race("race", "high", false), new WebQuestions());

    private static final List<EnglishTask> MORE =
            List.of(new Race("race-middle", "middle", false), new Race("race-v3", "high", true));

    private EnglishTasks() {}

    /**
     * The tasks that {@value #ALL} stands for.
     *
     * @return their names
     */
    public static List<String> five() {
        return FIVE.stream().map(EnglishTask::name).toList();
    }

    /**
     * Other forms of them.
     *
     * @return their names
     */
    public static List<String> more() {
        return MORE.stream().map(EnglishTask::name).toList();
    }

    /**
     * Whether a name is that of an English task, or of all.
     *
     * @param name as on the command line
     * @return true if so
     */
    public static boolean has(String name) {
        return name.equals(ALL) || five().contains(name) || more().contains(name);
    }

    static EnglishTask of(String name) {
        return Stream.concat(FIVE.stream(), MORE.stream())
                .filter(task -> task.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        InputException.Kind.CONFIGURATION,
                        "there is no English task '" + name + "'; there are " + String.join(", ", five()) + ", "
                                + String.join(", ", more())));
    }
}
