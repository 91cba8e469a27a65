package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ExpertExchange;
import io.github.gptmoe.train.collective.ProcessGroup;
import java.util.Arrays;

/**
 * Tokens travel by the all-to-all of a process group.
 *
 * @param ranks those among which the experts are divided
 */
record GroupExchange(ProcessGroup ranks) implements ExpertExchange {
    @Override
    public int rank() {
        return ranks.rank();
    }

    @Override
    public int size() {
        return ranks.worldSize();
    }

    @Override
    public long[][] counts(long[] ownE) {
        int experts = ownE.length;
        double[] all = new double[ranks.worldSize() * experts];
        for (int expert = 0; expert < experts; expert++) {
            all[ranks.rank() * experts + expert] = ownE[expert];
        }
        all = ranks.allReduce(all);
        long[][] countsXE = new long[ranks.worldSize()][];
        for (int from = 0; from < countsXE.length; from++) {
            countsXE[from] = Arrays.stream(all, from * experts, (from + 1) * experts)
                    .mapToLong(count -> (long) count)
                    .toArray();
        }
        return countsXE;
    }

    @Override
    public NDArray exchange(NDManager scope, NDArray rowsSD, long[] sentX, long[] receivedX) {
        NDArray came = Precision.of(rowsSD)
                .zeros(
                        scope,
                        new Shape(
                                Arrays.stream(receivedX).sum(),
                                rowsSD.getShape().get(1)));
        ranks.allToAll(rowsSD, sentX, came, receivedX);
        return came;
    }
}
