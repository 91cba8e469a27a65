package io.github.gptmoe.data.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FewShotTest {
    private final Task task = Tasks.tree();

    /** Ten rows of label 0, three of label 1, one of label 2. */
    private static List<TaskRow> rows() {
        List<TaskRow> rows = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            rows.add(Tasks.row(i + 1, i < 10 ? 0 : i < 13 ? 1 : 2, Map.of("text", "行" + i, "keywords", "")));
        }
        return rows;
    }

    @Test
    void labelsAreBalancedAsFarAsTheRowsGo() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(counts(3, seed)).containsExactly(1, 1, 1);
            assertThat(counts(5, seed)).containsExactly(2, 2, 1);
            assertThat(counts(9, seed)).containsExactly(5, 3, 1);
            assertThat(counts(14, seed)).containsExactly(10, 3, 1);
        }
    }

    private List<Integer> counts(int count, long seed) {
        List<TaskRow> drawn = FewShot.draw(task, rows(), count, seed);
        assertThat(drawn).hasSize(count).doesNotHaveDuplicates();
        return List.of(of(drawn, 0), of(drawn, 1), of(drawn, 2));
    }

    private static int of(List<TaskRow> drawn, int label) {
        return (int)
                drawn.stream().filter(row -> row.gold().orElseThrow() == label).count();
    }

    @Test
    void theSeedDecides() {
        List<TaskRow> rows = rows();
        assertThat(FewShot.draw(task, rows, 4, 7)).isEqualTo(FewShot.draw(task, rows, 4, 7));
        assertThat(List.of(1L, 2L, 3L, 4L))
                .extracting(seed -> FewShot.draw(task, rows, 4, seed))
                .doesNotHaveDuplicates();
        assertThat(FewShot.draw(task, rows, 0, 7)).isEmpty();
        assertThat(rows).isEqualTo(rows());
    }

    @Test
    void tooManyAndRowsWithoutLabelsAreRefused() {
        assertThatThrownBy(() -> FewShot.draw(task, rows(), 15, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("15 examples")
                .hasMessageContaining("14 rows");
        List<TaskRow> unlabelled = List.of(Tasks.row(5, -1, Map.of("text", "", "keywords", "")));
        assertThatThrownBy(() -> FewShot.draw(task, unlabelled, 1, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("line 5: has no label");
    }
}
