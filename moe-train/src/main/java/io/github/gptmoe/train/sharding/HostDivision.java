package io.github.gptmoe.train.sharding;

import io.github.gptmoe.train.collective.ShardPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * How what a rank owns is cut for an update on the host; arithmetic only. A portion is copied in one go. Two stretches of
 * staging memory are used in turn, so that one portion is on its way while the host works on another; a stretch is as long as
 * the longest portion that it serves.
 *
 * @param portions in the order of the buckets; of each bucket one at least, perhaps empty
 */
public record HostDivision(List<Portion> portions) {
    /** Stretches of staging memory. */
    static final int SLOTS = 2;

    /** Elements of a portion: an expert's matrix of the 16B model. Smaller ones would gain nothing, larger ones cost memory. */
    private static final long USUAL = 1L << 24;

    /**
     * Copies the list.
     *
     * @param portions as above
     */
    public HostDivision {
        portions = List.copyOf(portions);
    }

    /**
     * Neighbours in a bucket.
     *
     * @param bucket where they are
     * @param pieces what the rank owns of parameters, in order; perhaps nothing
     * @param slot number of its staging memory
     */
    public record Portion(Bucket bucket, List<ShardPlan.Piece> pieces, int slot) {
        /**
         * Copies the list.
         *
         * @param bucket as above
         * @param pieces as above
         * @param slot as above
         */
        public Portion {
            pieces = List.copyOf(pieces);
        }

        /** First element, in the rank's part of the bucket. */
        long from() {
            return pieces.isEmpty() ? 0 : pieces.get(0).fromShard();
        }

        /** Elements up to the end of the last piece, with what fills up between them. */
        long length() {
            if (pieces.isEmpty()) {
                return 0;
            }
            ShardPlan.Piece last = pieces.get(pieces.size() - 1);
            return last.fromShard() + last.length() - from();
        }
    }

    /**
     * Cuts.
     *
     * @param layout what there is
     * @param part which part of a bucket the rank owns
     * @param elements a portion ends with the parameter that reaches them; {@link #elements} says what fits a run
     * @return the division
     */
    public static HostDivision of(Layout layout, ToIntFunction<Bucket> part, long elements) {
        List<Portion> portions = new ArrayList<>();
        for (Bucket bucket : layout.buckets()) {
            List<ShardPlan.Piece> pieces = new ArrayList<>();
            long size = 0;
            for (ShardPlan.Piece piece : bucket.plan().pieces(part.applyAsInt(bucket))) {
                if (size >= elements) {
                    portions.add(new Portion(bucket, pieces, portions.size() % SLOTS));
                    pieces = new ArrayList<>();
                    size = 0;
                }
                pieces.add(piece);
                size += piece.length();
            }
            portions.add(new Portion(bucket, pieces, portions.size() % SLOTS));
        }
        return new HostDivision(portions);
    }

    /**
     * How large portions are.
     *
     * @param togetherWithOthers whether ranks make each portion's update together, though their parts of a bucket have
     *     different parameters: then a portion is all of a bucket
     * @return elements for {@link #of(Layout, ToIntFunction, long)}
     */
    public static long elements(boolean togetherWithOthers) {
        return togetherWithOthers ? Long.MAX_VALUE : USUAL;
    }

    /** Those of a bucket; neighbours have different slots. */
    List<Portion> of(Bucket bucket) {
        return portions.stream()
                .filter(portion -> portion.bucket().equals(bucket))
                .toList();
    }

    /**
     * The length of a stretch of staging memory.
     *
     * @param slot 0 or 1
     * @param fp32 whether for buckets that are always FP32
     * @return elements; 0 if no portion needs it
     */
    long longest(int slot, boolean fp32) {
        return portions.stream()
                .filter(portion -> portion.slot() == slot && portion.bucket().fp32() == fp32)
                .mapToLong(Portion::length)
                .max()
                .orElse(0);
    }

    /**
     * Elements of all staging memory of a kind.
     *
     * @param fp32 whether for buckets that are always FP32
     * @return their sum
     */
    public long staging(boolean fp32) {
        long elements = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            elements += longest(slot, fp32);
        }
        return elements;
    }
}
