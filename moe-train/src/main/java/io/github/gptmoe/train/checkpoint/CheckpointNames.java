package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names inside the checkpoints folder.
 *
 * <ul>
 *   <li>{@code step-00000100}: a finished checkpoint;
 *   <li>{@code step-00000100.tmp-TOKEN}: one that is being written;
 *   <li>{@code step-00000100.replaced-TOKEN}: a finished one that is about to be replaced by another of the same step;
 *   <li>{@code .trash-step-00000100-TOKEN}: one that is being deleted;
 *   <li>{@code .writer-TOKEN.lock}: locked by the process that owns the names with this token.
 * </ul>
 */
final class CheckpointNames {
    private static final Pattern FINISHED = Pattern.compile("step-(\\d{8,18})");
    private static final Pattern REPLACED = Pattern.compile("step-(\\d{8,18})\\.replaced-[0-9a-f]+");
    private static final Pattern OWNED = Pattern.compile(
            "(?:step-\\d{8,18}\\.(?:tmp|replaced)-|\\.trash-step-\\d{8,18}-|\\.writer-)([0-9a-f]+)(?:\\.lock)?");

    private final Path root;
    private final String token;

    CheckpointNames(Path root, String token) {
        this.root = root;
        this.token = token;
    }

    /** A folder that claims to be a finished checkpoint. */
    record Candidate(Path path, long step, boolean replaced) {}

    Path root() {
        return root;
    }

    String token() {
        return token;
    }

    Path finished(long step) {
        return root.resolve(stepName(step));
    }

    Path temporary(long step) {
        return root.resolve(stepName(step) + ".tmp-" + token);
    }

    Path replaced(long step) {
        return root.resolve(stepName(step) + ".replaced-" + token);
    }

    Path trash(long step) {
        return root.resolve(".trash-" + stepName(step) + "-" + token);
    }

    Path lockFile(String owner) {
        return root.resolve(".writer-" + owner + ".lock");
    }

    /** Returns finished checkpoints, newest first; of one step, the one with the proper name comes first. */
    List<Candidate> candidates() throws IOException {
        List<Candidate> found = new ArrayList<>();
        for (Path path : children()) {
            Matcher finished = FINISHED.matcher(name(path));
            Matcher replaced = REPLACED.matcher(name(path));
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                if (finished.matches()) {
                    found.add(new Candidate(path, Long.parseLong(finished.group(1)), false));
                } else if (replaced.matches()) {
                    found.add(new Candidate(path, Long.parseLong(replaced.group(1)), true));
                }
            }
        }
        found.sort(Comparator.comparingLong(Candidate::step).reversed().thenComparing(Candidate::replaced));
        return found;
    }

    List<Path> children() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(root)) {
            return children.sorted().toList();
        }
    }

    /** Returns the token in a name that belongs to some save in progress, or an empty text for any other name. */
    static String owner(Path path) {
        Matcher owned = OWNED.matcher(name(path));
        return owned.matches() ? owned.group(1) : "";
    }

    static boolean isLockFile(Path path) {
        return name(path).startsWith(".writer-");
    }

    static OptionalLong finishedStep(Path path) {
        Matcher finished = FINISHED.matcher(name(path));
        return finished.matches() ? OptionalLong.of(Long.parseLong(finished.group(1))) : OptionalLong.empty();
    }

    private static String stepName(long step) {
        return String.format(Locale.ROOT, "step-%08d", step);
    }

    private static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
