package io.github.gptmoe.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long documents are.
 *
 * @param count documents
 * @param total their lengths together
 * @param mean of the lengths; 0 without documents
 * @param least the shortest
 * @param p10 a tenth of the documents is not longer
 * @param median half of the documents are not longer
 * @param p90 nine tenths are not longer
 * @param p99 99 of 100 are not longer
 * @param most the longest
 * @param histogram counts by powers of two, empty ranges left out
 */
public record Lengths(
        long count,
        long total,
        double mean,
        long least,
        long p10,
        long median,
        long p90,
        long p99,
        long most,
        List<Range> histogram) {

    /**
     * Documents of similar length.
     *
     * @param from the least length
     * @param below the length above the largest
     * @param documents how many
     */
    public record Range(long from, long below, long documents) {}

    /** Counts lengths. Memory grows with the number of different ones. */
    public static final class Counter {
        private final TreeMap<Long, Long> counts = new TreeMap<>();
        private long count;
        private long total;

        /**
         * Counts a document.
         *
         * @param length its length, 0 or more
         */
        public void add(long length) {
            counts.merge(length, 1L, Long::sum);
            count++;
            total += length;
        }

        /**
         * Sums up.
         *
         * @return exact values of all that was counted
         */
        public Lengths lengths() {
            if (count == 0) {
                return new Lengths(0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());
            }
            return new Lengths(
                    count,
                    total,
                    (double) total / count,
                    counts.firstKey(),
                    quantile(0.1),
                    quantile(0.5),
                    quantile(0.9),
                    quantile(0.99),
                    counts.lastKey(),
                    histogram());
        }

        /** The smallest length that at least this share of the documents does not exceed. */
        private long quantile(double share) {
            long rank = Math.max(1, (long) Math.ceil(share * count));
            long seen = 0;
            for (Map.Entry<Long, Long> entry : counts.entrySet()) {
                seen += entry.getValue();
                if (seen >= rank) {
                    return entry.getKey();
                }
            }
            return counts.lastKey();
        }

        private List<Range> histogram() {
            TreeMap<Long, Long> ranges = new TreeMap<>();
            counts.forEach((length, documents) -> ranges.merge(Long.highestOneBit(length), documents, Long::sum));
            List<Range> list = new ArrayList<>();
            ranges.forEach((from, documents) -> list.add(new Range(from, from == 0 ? 1 : 2 * from, documents)));
            return List.copyOf(list);
        }
    }
}
