package io.github.gptmoe.eval.task;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Whether one of two runs is better: a paired bootstrap for each task, and for the mean over tasks.
 *
 * @param a the first
 * @param b the second
 * @param tasks one for each split that both have
 * @param meanA mean accuracy of A over the tasks
 * @param meanB mean accuracy of B
 * @param difference {@code meanA - meanB}
 * @param interval of the difference, 95 %: rows are drawn within each task
 * @param p twice the share of resamples in which the difference is 0 or has the other sign
 * @param remarks what was left out, and why
 */
public record Comparison(
        String a,
        String b,
        List<TaskComparison> tasks,
        double meanA,
        double meanB,
        double difference,
        Interval interval,
        double p,
        List<String> remarks) {

    /**
     * Compares two files of predictions, or all of two folders.
     *
     * @param a a file, or a folder with files of predictions
     * @param b the same
     * @return the comparison
     * @throws InputException if a file cannot be read, rows do not match, labels are unknown, or one is a file and one a folder
     */
    public static Comparison of(Path a, Path b) {
        List<TaskComparison> tasks = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        if (Files.isDirectory(a) != Files.isDirectory(b)) {
            throw bad(a + " and " + b + ": one is a folder and one is not; compare two files or two folders");
        }
        if (Files.isDirectory(a)) {
            folders(a, b, tasks, remarks);
        } else {
            tasks.add(pair(PredictionFile.title(a), a, b));
        }
        double[] differences =
                Bootstrap.average(tasks.stream().map(TaskComparison::resampled).toList());
        double meanA =
                mean(tasks.stream().mapToDouble(TaskComparison::accuracyA).toArray());
        double meanB =
                mean(tasks.stream().mapToDouble(TaskComparison::accuracyB).toArray());
        return new Comparison(
                a.toString(),
                b.toString(),
                List.copyOf(tasks),
                meanA,
                meanB,
                mean(tasks.stream().mapToDouble(TaskComparison::difference).toArray()),
                Bootstrap.interval(differences),
                Bootstrap.signReversed(differences),
                List.copyOf(remarks));
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static void folders(Path a, Path b, List<TaskComparison> tasks, List<String> remarks) {
        TreeMap<String, Path> ofA = files(a);
        TreeMap<String, Path> ofB = files(b);
        ofA.keySet().stream()
                .filter(name -> !ofB.containsKey(name))
                .forEach(name -> remarks.add(name + " is in " + a + " only"));
        ofB.keySet().stream()
                .filter(name -> !ofA.containsKey(name))
                .forEach(name -> remarks.add(name + " is in " + b + " only"));
        ofA.forEach((name, file) -> {
            Path other = ofB.get(name);
            if (other != null && labelled(PredictionFile.read(file))) {
                tasks.add(pair(name, file, other));
            } else if (other != null) {
                remarks.add(name + " has no labels to compare with");
            }
        });
        if (tasks.isEmpty()) {
            throw bad(a + " and " + b + " have no task and split with known labels in common; " + a + " has "
                    + ofA.keySet() + ", " + b + " has " + ofB.keySet());
        }
    }

    private static TreeMap<String, Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            TreeMap<String, Path> byName = new TreeMap<>();
            files.filter(PredictionFile::isNamed).forEach(file -> byName.put(PredictionFile.title(file), file));
            return byName;
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, folder + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static boolean labelled(List<PredictedRow> rows) {
        return rows.stream().anyMatch(row -> row.gold() != null);
    }

    private static TaskComparison pair(String name, Path a, Path b) {
        List<PredictedRow> rowsA = PredictionFile.read(a);
        List<PredictedRow> rowsB = PredictionFile.read(b);
        if (!labelled(rowsA)) {
            throw bad(a + " has no labels to compare with; score a split that has them, such as test_public");
        }
        for (int i = 0; i < Math.min(rowsA.size(), rowsB.size()); i++) {
            requireSame(a, b, i + 1, rowsA.get(i), rowsB.get(i));
        }
        if (rowsA.size() != rowsB.size()) {
            throw bad(a + " has " + rowsA.size() + " rows, " + b + " has " + rowsB.size()
                    + ", the same as far as they go; score both with the same --limit");
        }
        return TaskComparison.of(name, rowsA, rowsB);
    }

    private static void requireSame(Path a, Path b, int number, PredictedRow rowA, PredictedRow rowB) {
        boolean same =
                rowA.line() == rowB.line() && rowA.id().equals(rowB.id()) && Objects.equals(rowA.gold(), rowB.gold());
        if (!same) {
            throw bad("line " + number + " is about different rows: " + a + " has " + said(rowA) + ", " + b + " has "
                    + said(rowB) + "; score both on the same files with the same split, --limit and --seed");
        }
    }

    private static String said(PredictedRow row) {
        return "row " + row.line() + " (id " + row.id() + ", label " + row.gold() + ")";
    }

    private static InputException bad(String message) {
        return new InputException(InputException.Kind.CONFIGURATION, message);
    }
}
