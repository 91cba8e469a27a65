package io.github.gptmoe.eval.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeSplitTest {
    private static List<int[]> branches(int count, int length) {
        return Collections.nCopies(count, new int[length]);
    }

    @ParameterizedTest
    @CsvSource({
        // Words of a label set after a text: one tree.
        "300, 119, 3, 512, 1",
        "300, 1, 3, 512, 1",
        // A word in a short pattern before a text: the longer the text, the fewer share a tree.
        "4, 119, 300, 512, 119",
        "4, 15, 40, 512, 5",
        // A gap of four in the middle of a text, seven candidates.
        "150, 7, 50, 512, 1",
        "100, 7, 100, 256, 2",
    })
    void whatIsCheapest(int before, int candidates, int length, int width, int groups) {
        assertThat(TreeSplit.cheapest(before, branches(candidates, length), width, 4096))
                .hasSize(groups);
    }

    @Test
    void costIsPlacesAndTheirSquare() {
        assertThat(TreeSplit.cost(600, 100)).isCloseTo(600 + 600, within(1e-9));
        assertThat(TreeSplit.cost(1, 1_000_000)).isCloseTo(1, within(1e-6));
    }

    @Test
    void groupsHoldEveryCandidateOnceAndTreesStaySmall() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int before = 1 + random.nextInt(50);
            List<int[]> branches = branches(1 + random.nextInt(30), 1 + random.nextInt(60));
            int most = 100;
            int next = 0;
            for (TreeSplit.Group group : TreeSplit.cheapest(before, branches, 64, most)) {
                assertThat(group.from()).isEqualTo(next);
                assertThat(group.to()).isGreaterThan(next);
                next = group.to();
                int places = before + (group.to() - group.from()) * (branches.get(0).length - 1);
                assertThat(places <= most || group.to() - group.from() == 1).isTrue();
            }
            assertThat(next).isEqualTo(branches.size());
        }
    }
}
