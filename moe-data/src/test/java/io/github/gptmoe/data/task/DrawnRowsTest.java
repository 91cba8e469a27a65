package io.github.gptmoe.data.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawnRowsTest {
    private static final List<TaskRow> ROWS = IntStream.range(0, 20)
            .mapToObj(i -> Tasks.row(i + 1, i / 10, Map.of("text", "行" + i, "keywords", "")))
            .toList();

    @Test
    void rowsAreDrawnFromEverywhereAndStayInOrder() {
        List<TaskRow> drawn = DrawnRows.of(ROWS, 8, 1);
        assertThat(drawn).hasSize(8).doesNotHaveDuplicates().isSubsetOf(ROWS);
        assertThat(drawn).isSortedAccordingTo((a, b) -> Long.compare(a.line(), b.line()));
        assertThat(drawn).isNotEqualTo(ROWS.subList(0, 8)).isEqualTo(DrawnRows.of(ROWS, 8, 1));
        assertThat(DrawnRows.of(ROWS, 8, 2)).isNotEqualTo(drawn);
    }

    @Test
    void allWhereNoneNeedsToBeLeftOut() {
        assertThat(DrawnRows.of(ROWS, 0, 1)).isEqualTo(ROWS);
        assertThat(DrawnRows.of(ROWS, 20, 1)).isEqualTo(ROWS);
    }
}
