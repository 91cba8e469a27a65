package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.HeadKernels;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Next tokens whose probability is asked for: any number of them at any place of a batch, each once. Logits are then made
 * for these places only.
 */
public final class NextTokens {
    private static final long ID = 0xffff_ffffL;

    /** Place in the upper half, id in the lower; ascending. */
    private final long[] asked;

    private NextTokens(long[] asked) {
        this.asked = asked;
    }

    /**
     * A question.
     *
     * @param place index among the B * L tokens of a batch
     * @param id token that may follow there
     * @return both in one number
     */
    public static long pair(int place, int id) {
        return ((long) place << Integer.SIZE) | id;
    }

    /**
     * Collects questions.
     *
     * @param pairs as of {@link #pair}, in any order; the same one may come twice
     * @return the questions, ordered
     */
    public static NextTokens of(LongStream pairs) {
        return new NextTokens(pairs.sorted().distinct().toArray());
    }

    /**
     * Number of different questions.
     *
     * @return length of the answer
     */
    public int size() {
        return asked.length;
    }

    /**
     * Where the answer to a question is.
     *
     * @param place as given
     * @param id as given
     * @return index into the answer
     * @throws IllegalArgumentException if that was not asked
     */
    public int index(int place, int id) {
        int index = Arrays.binarySearch(asked, pair(place, id));
        if (index < 0) {
            throw new IllegalArgumentException("nobody asked for token " + id + " after place " + place);
        }
        return index;
    }

    /** The arrays that the kernel takes. */
    HeadKernels.Asked arrays(NDManager scope) {
        long[] rows = Arrays.stream(asked)
                .map(pair -> pair >>> Integer.SIZE)
                .distinct()
                .toArray();
        long[] firsts = new long[rows.length + 1];
        long[] rowOfPair = new long[asked.length];
        int row = -1;
        for (int i = 0; i < asked.length; i++) {
            if (row < 0 || rows[row] != asked[i] >>> Integer.SIZE) {
                firsts[++row] = i;
            }
            rowOfPair[i] = row;
        }
        firsts[rows.length] = asked.length;
        long[] ids = Arrays.stream(asked).map(pair -> pair & ID).toArray();
        NDArray rowsR = scope.create(rows);
        return new HeadKernels.Asked(rowsR, scope.create(firsts), scope.create(rowOfPair), scope.create(ids));
    }
}
