package io.github.gptmoe.core.model;

import java.util.Arrays;

/** Which rows one rank sends and gets in a layer with expert parallelism; on the host. Arrays are the plan's own. */
final class ExchangePlan {
    private final long[] placesS;
    private final long[] sentX;
    private final long[] receivedX;
    private final long[] expertIdsR;
    private final int firstExpert;
    private final int ownExperts;

    private ExchangePlan(
            long[] placesS, long[] sentX, long[] receivedX, long[] expertIdsR, int firstExpert, int ownExperts) {
        this.placesS = placesS;
        this.sentX = sentX;
        this.receivedX = receivedX;
        this.expertIdsR = expertIdsR;
        this.firstExpert = firstExpert;
        this.ownExperts = ownExperts;
    }

    /** Agrees with the other ranks; {@code expertIdsT} is E for a token that visits none. */
    static ExchangePlan of(long[] expertIdsT, int experts, ExpertExchange exchange) {
        int ranks = exchange.size();
        int ownExperts = experts / ranks;
        long[] countsE = new long[experts + 1];
        for (long expert : expertIdsT) {
            countsE[(int) expert]++;
        }
        long[][] countsXE = exchange.counts(Arrays.copyOf(countsE, experts));
        long[] sentX = new long[ranks];
        for (int expert = 0; expert < experts; expert++) {
            sentX[expert / ownExperts] += countsE[expert];
        }
        int first = exchange.rank() * ownExperts;
        long[] receivedX = new long[ranks];
        for (int from = 0; from < ranks; from++) {
            receivedX[from] =
                    Arrays.stream(countsXE[from], first, first + ownExperts).sum();
        }
        return new ExchangePlan(
                places(expertIdsT, countsE),
                sentX,
                receivedX,
                expertIds(countsXE, first, ownExperts),
                first,
                ownExperts);
    }

    private static long[] places(long[] expertIdsT, long[] countsE) {
        int none = countsE.length - 1;
        int[] next = new int[none];
        for (int expert = 1; expert < none; expert++) {
            next[expert] = next[expert - 1] + (int) countsE[expert - 1];
        }
        long[] places = new long[expertIdsT.length - (int) countsE[none]];
        for (int token = 0; token < expertIdsT.length; token++) {
            int expert = (int) expertIdsT[token];
            if (expert < none) {
                places[next[expert]++] = token;
            }
        }
        return places;
    }

    private static long[] expertIds(long[][] countsXE, int first, int ownExperts) {
        long rows = 0;
        for (long[] countsE : countsXE) {
            rows += Arrays.stream(countsE, first, first + ownExperts).sum();
        }
        long[] ids = new long[(int) rows];
        int at = 0;
        for (long[] countsE : countsXE) {
            for (int expert = 0; expert < ownExperts; expert++) {
                int end = at + (int) countsE[first + expert];
                Arrays.fill(ids, at, end, expert);
                at = end;
            }
        }
        return ids;
    }

    /** Token of each row that is sent, int64 (S): by expert, and among those of one expert by token. */
    long[] placesS() {
        return placesS;
    }

    /** Rows for each rank. */
    long[] sentX() {
        return sentX;
    }

    /** Rows from each rank. */
    long[] receivedX() {
        return receivedX;
    }

    /** Expert of each row that comes, among those of this rank (R). */
    long[] expertIdsR() {
        return expertIdsR;
    }

    /** The first expert of this rank. */
    int firstExpert() {
        return firstExpert;
    }

    /** How many experts this rank has. */
    int ownExperts() {
        return ownExperts;
    }

    long receivedRows() {
        return expertIdsR.length;
    }
}
