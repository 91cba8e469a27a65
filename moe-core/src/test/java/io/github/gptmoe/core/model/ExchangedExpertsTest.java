package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Who sends what to whom. That the rows arrive, and training with them, is tested where there are ranks. */
class ExchangedExpertsTest {
    /** The other ranks' counts are made up. */
    private record Told(int rank, long[][] countsXE) implements ExpertExchange {
        @Override
        public int size() {
            return countsXE.length;
        }

        @Override
        public long[][] counts(long[] ownE) {
            assertThat(ownE).isEqualTo(countsXE[rank]);
            return countsXE;
        }

        @Override
        public NDArray exchange(NDManager scope, NDArray rowsSD, long[] sentX, long[] receivedX) {
            throw new UnsupportedOperationException();
        }
    }

    @RepeatedTest(50)
    void plansOfAllRanksFitTogether(RepetitionInfo info) {
        Random random = new Random(info.getCurrentRepetition());
        int ranks = 1 + random.nextInt(4);
        int experts = ranks * (1 + random.nextInt(4));
        List<long[]> ids = new ArrayList<>();
        long[][] countsXE = new long[ranks][experts];
        for (int rank = 0; rank < ranks; rank++) {
            // An id of E is a token that visits none; some ranks have no tokens for most experts.
            int reach = 1 + random.nextInt(experts + 1);
            long[] idsT = random.longs(random.nextInt(30), 0, reach).toArray();
            ids.add(idsT);
            for (long id : idsT) {
                if (id < experts) {
                    countsXE[rank][(int) id]++;
                }
            }
        }
        List<ExchangePlan> plans = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            plans.add(ExchangePlan.of(ids.get(rank), experts, new Told(rank, countsXE)));
        }
        for (int to = 0; to < ranks; to++) {
            List<Long> expected = new ArrayList<>();
            for (int from = 0; from < ranks; from++) {
                assertThat(plans.get(from).sentX()[to]).isEqualTo(plans.get(to).receivedX()[from]);
                expected.addAll(expertsOfRows(ids.get(from), plans.get(from), to));
            }
            assertThat(Arrays.stream(plans.get(to).expertIdsR()).boxed().toList())
                    .isEqualTo(expected);
            assertThat(plans.get(to).receivedRows()).isEqualTo(expected.size());
        }
    }

    /** What a rank sends to another, as the receiver numbers its experts. */
    private static List<Long> expertsOfRows(long[] idsT, ExchangePlan plan, int to) {
        int start = (int) Arrays.stream(plan.sentX(), 0, to).sum();
        List<Long> experts = new ArrayList<>();
        long before = -1;
        for (int row = start; row < start + plan.sentX()[to]; row++) {
            long token = plan.placesS()[row];
            long expert = idsT[(int) token] - (long) to * plan.ownExperts();
            assertThat(expert).isBetween(0L, plan.ownExperts() - 1L);
            assertThat(expert * idsT.length + token)
                    .as("by expert, then by token")
                    .isGreaterThan(before);
            before = expert * idsT.length + token;
            experts.add(expert);
        }
        return experts;
    }
}
