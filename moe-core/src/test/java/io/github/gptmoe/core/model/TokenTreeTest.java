package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTreeTest {
    private static int[] all(TokenTree tree, java.util.function.IntUnaryOperator of) {
        return IntStream.range(0, tree.size()).map(of).toArray();
    }

    /** 7 8 then 1 2 3 | 1 2 4 | 1 5 | 6: the last token of each is only predicted. */
    @Test
    void equalBeginningsStandOnce() {
        TokenTree tree = TokenTree.of(
                new int[] {7, 8}, List.of(new int[] {6}, new int[] {1, 2, 4}, new int[] {1, 5}, new int[] {1, 2, 3}));
        assertThat(all(tree, tree::id)).containsExactly(7, 8, 1, 2);
        assertThat(all(tree, tree::position)).containsExactly(0, 1, 2, 3);
        assertThat(all(tree, tree::end)).containsExactly(4, 4, 4, 4);
        assertThat(tree.place(0, 0)).isEqualTo(1);
        assertThat(tree.place(2, 1)).isEqualTo(2);
        assertThat(tree.place(1, 2)).isEqualTo(3).isEqualTo(tree.place(3, 2));
    }

    @Test
    void siblingsDoNotFollowEachOther() {
        TokenTree tree =
                TokenTree.of(new int[] {9}, List.of(new int[] {2, 3, 4}, new int[] {1, 5, 6}, new int[] {2, 4, 4}));
        assertThat(all(tree, tree::id)).containsExactly(9, 1, 5, 2, 3, 4);
        assertThat(all(tree, tree::position)).containsExactly(0, 1, 2, 1, 2, 2);
        assertThat(all(tree, tree::end)).containsExactly(6, 3, 3, 6, 5, 6);
    }

    @Test
    void aBranchThatAnotherGoesOnThroughHasAPlace() {
        TokenTree tree = TokenTree.of(new int[] {9}, List.of(new int[] {1, 2, 3}, new int[] {1, 2}, new int[] {1}));
        assertThat(all(tree, tree::id)).containsExactly(9, 1, 2);
        assertThat(tree.place(1, 1)).isEqualTo(tree.place(0, 1));
        assertThat(TokenTree.of(new int[] {9}, List.of(new int[] {4})).size()).isEqualTo(1);
    }

    /** Few ids, so that beginnings are often equal; places are walked back by the preorder intervals. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void everyBranchIsItsWayFromTheRoot(int seed) {
        Random random = new Random(seed);
        int[] prefix = random.ints(1 + random.nextInt(4), 0, 5).toArray();
        List<int[]> branches = new ArrayList<>();
        Set<String> inner = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            int[] branch = random.ints(1 + random.nextInt(5), 0, 3).toArray();
            branches.add(branch);
            String way = "";
            for (int k = 0; k < branch.length - 1; k++) {
                way += branch[k];
                inner.add(way);
            }
        }
        TokenTree tree = TokenTree.of(prefix, branches);
        assertThat(tree.size()).isEqualTo(prefix.length + inner.size());
        for (int b = 0; b < branches.size(); b++) {
            int[] branch = branches.get(b);
            for (int k = 0; k < branch.length; k++) {
                int place = tree.place(b, k);
                int[] seen = IntStream.rangeClosed(0, place)
                        .filter(other -> place < tree.end(other))
                        .toArray();
                int[] expected = IntStream.concat(
                                IntStream.of(prefix), IntStream.of(branch).limit(k))
                        .toArray();
                assertThat(IntStream.of(seen).map(tree::id)).containsExactly(boxed(expected));
                assertThat(IntStream.of(seen).map(tree::position))
                        .containsExactly(
                                boxed(IntStream.range(0, expected.length).toArray()));
            }
        }
    }

    private static Integer[] boxed(int[] values) {
        return IntStream.of(values).boxed().toArray(Integer[]::new);
    }

    @Test
    void nothingToPredictIsRefused() {
        for (List<int[]> branches : List.of(List.<int[]>of(), List.of(new int[] {1}, new int[0]))) {
            assertThatIllegalArgumentException().isThrownBy(() -> TokenTree.of(new int[] {1}, branches));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> TokenTree.of(new int[0], List.of(new int[] {1})));
    }
}
