package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    @TempDir
    Path folder;

    private Path write(String run, String task, List<Prediction> predictions) {
        Path file = folder.resolve(run).resolve(PredictionFile.name(task, "test_public"));
        PredictionFile.write(file, Rows.OPINION, predictions);
        return file;
    }

    /** All rows are of label 0; A and B have these right. */
    private static List<Prediction> rows(int from, int to, int count) {
        int[][] rows = new int[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = new int[] {0, i >= from && i < to ? 0 : 1};
        }
        return Rows.of(Rows.OPINION, rows);
    }

    /** Of 100 rows, A has 0 to 79 right, B has 50 to 89: both 30, only A 50, only B 10, neither 10. */
    @Test
    void asCountedByHand() {
        Path a = write("a", "opinion", rows(0, 80, 100));
        Path b = write("b", "opinion", rows(50, 90, 100));
        Comparison comparison = Comparison.of(a, b);
        TaskComparison task = comparison.tasks().get(0);
        assertThat(task.name()).isEqualTo("opinion.test_public");
        assertThat(List.of(task.bothRight(), task.onlyA(), task.onlyB(), task.neither()))
                .containsExactly(30, 50, 10, 10);
        assertThat(task.accuracyA()).isEqualTo(0.8);
        assertThat(task.accuracyB()).isEqualTo(0.4);
        assertThat(task.difference()).isEqualTo(0.4);
        assertThat(task.interval().contains(0.4)).isTrue();
        // Differences of rows are 1, -1, 0; their variance is 0.6 - 0.4 * 0.4.
        double half = 1.96 * Math.sqrt((0.6 - 0.16) / 100);
        assertThat(task.interval().low()).isCloseTo(0.4 - half, within(0.015));
        assertThat(task.interval().high()).isCloseTo(0.4 + half, within(0.015));
        assertThat(task.p()).isLessThan(0.001);
        assertThat(comparison.difference()).isEqualTo(0.4);
        assertThat(comparison.interval()).isEqualTo(task.interval());
        assertThat(Comparison.of(a, b)).isEqualTo(comparison);
    }

    @Test
    void theOtherWayRoundIsTheNegative() {
        Path a = write("a", "opinion", rows(0, 60, 100));
        Path b = write("b", "opinion", rows(10, 60, 100));
        TaskComparison there = Comparison.of(a, b).tasks().get(0);
        TaskComparison back = Comparison.of(b, a).tasks().get(0);
        assertThat(back.difference()).isEqualTo(-there.difference());
        assertThat(back.onlyA()).isEqualTo(there.onlyB());
        assertThat(back.mcNemarP()).isEqualTo(there.mcNemarP());
        assertThat(back.interval().low()).isCloseTo(-there.interval().high(), within(0.02));
    }

    @Test
    void aRunDoesNotDifferFromItself() {
        Path a = write("a", "opinion", rows(0, 60, 100));
        TaskComparison task = Comparison.of(a, a).tasks().get(0);
        assertThat(task.difference()).isZero();
        assertThat(task.interval()).isEqualTo(new Interval(0, 0));
        assertThat(task.p()).isEqualTo(1);
        assertThat(task.mcNemarP()).isEqualTo(1);
    }

    /** One coin in three heads or fewer of five, and the like: sums of C(n, k) / 2^n. */
    @Test
    void mcNemarIsTheSignTest() {
        assertThat(TaskComparison.mcNemar(0, 5)).isCloseTo(2.0 / 32, within(1e-12));
        assertThat(TaskComparison.mcNemar(5, 1)).isCloseTo(2.0 * 7 / 64, within(1e-12));
        assertThat(TaskComparison.mcNemar(3, 3)).isEqualTo(1);
        assertThat(TaskComparison.mcNemar(0, 0)).isEqualTo(1);
        assertThat(TaskComparison.mcNemar(700, 800)).isBetween(0.008, 0.012);
    }

    @Test
    void foldersAreComparedTaskByTask() {
        write("a", "first", rows(0, 80, 100));
        write("b", "first", rows(0, 60, 100));
        write("a", "second", rows(0, 5, 10));
        write("b", "second", rows(0, 7, 10));
        write("a", "third", rows(0, 5, 10));
        write("b", "fourth", rows(0, 5, 10));
        List<Prediction> unlabelled = Rows.of(Rows.OPINION, new int[][] {{-1, 0}});
        write("a", "fifth", unlabelled);
        write("b", "fifth", unlabelled);
        Comparison comparison = Comparison.of(folder.resolve("a"), folder.resolve("b"));
        assertThat(comparison.tasks())
                .extracting(TaskComparison::name)
                .containsExactly("first.test_public", "second.test_public");
        assertThat(comparison.meanA()).isCloseTo(0.65, within(1e-12));
        assertThat(comparison.meanB()).isCloseTo(0.65, within(1e-12));
        assertThat(comparison.difference()).isCloseTo(0, within(1e-12));
        assertThat(comparison.p()).isGreaterThan(0.5);
        assertThat(comparison.interval().contains(0)).isTrue();
        assertThat(comparison.remarks())
                .containsExactly(
                        "third.test_public is in " + folder.resolve("a") + " only",
                        "fourth.test_public is in " + folder.resolve("b") + " only",
                        "fifth.test_public has no labels to compare with");
        assertThat(ComparisonText.of(comparison).replaceAll(" +", " "))
                .contains("first.test_public 100 80.0 60.0 +20.0 ", "mean", "left out: third", "<0.001");
    }

    @Test
    void rowsThatDoNotMatchAreNamed() {
        Path a = write("a", "opinion", rows(0, 5, 10));
        List<Prediction> other = new ArrayList<>(rows(0, 5, 10));
        other.set(3, new Prediction(4, other.get(3).id(), 1, 0, new double[2]));
        Path b = write("b", "opinion", other);
        assertThatThrownBy(() -> Comparison.of(a, b))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("line 4 is about different rows")
                .hasMessageContaining("row 4 (id \"40\", label Positive)")
                .hasMessageContaining("row 4 (id \"40\", label Negative)");
        Path fewer = write("c", "opinion", rows(0, 5, 9));
        assertThatThrownBy(() -> Comparison.of(a, fewer))
                .hasMessageContaining("has 10 rows")
                .hasMessageContaining("has 9, the same as far as they go")
                .hasMessageContaining("--limit");
    }

    @Test
    void whatCannotBeCompared() throws IOException {
        Path a = write("a", "opinion", rows(0, 5, 10));
        assertThatThrownBy(() -> Comparison.of(a, folder)).hasMessageContaining("two files or two folders");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> Comparison.of(folder.resolve("a"), empty))
                .hasMessageContaining("no task and split with known labels in common")
                .hasMessageContaining("[opinion.test_public]");
        Path unlabelled = write("d", "opinion", Rows.of(Rows.OPINION, new int[][] {{-1, 0}}));
        assertThatThrownBy(() -> Comparison.of(unlabelled, unlabelled)).hasMessageContaining("has no labels");
        assertThatThrownBy(() -> Comparison.of(a, folder.resolve("none"))).hasMessageContaining("does not exist");
    }
}
