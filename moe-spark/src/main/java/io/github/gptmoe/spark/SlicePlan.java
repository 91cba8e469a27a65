package io.github.gptmoe.spark;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/** Cuts files into slices. Lines of a slice can be numbered only if those before are counted, which is a job over files that are cut. */
final class SlicePlan {
    private SlicePlan() {}

    /** Slices of about {@code blockBytes}; compressed files are one each. */
    static List<Slice> of(JavaSparkContext spark, ClusterFiles files, List<JobInput> inputs, long blockBytes) {
        List<Slice> slices = new ArrayList<>();
        for (JobInput input : inputs) {
            long parts = input.isDivisible() ? Math.max(1, (input.bytes() + blockBytes - 1) / blockBytes) : 1;
            for (int part = 0; part < parts; part++) {
                long from = part * blockBytes;
                long to = part == parts - 1 ? Long.MAX_VALUE : from + blockBytes;
                slices.add(new Slice(slices.size(), input, part, (int) parts, from, to, 0));
            }
        }
        return withLines(spark, files, slices);
    }

    private static List<Slice> withLines(JavaSparkContext spark, ClusterFiles files, List<Slice> slices) {
        List<Slice> followed = slices.stream()
                .filter(slice ->
                        slice.part() < slice.parts() - 1 && !slice.input().isParquet())
                .toList();
        if (followed.isEmpty()) {
            return List.copyOf(slices);
        }
        List<Long> counts = SliceJobs.values(
                SliceJobs.run(spark, "counting lines", followed, slice -> SliceOutcome.of(lineEnds(files, slice))));
        List<Slice> numbered = new ArrayList<>();
        long before = 0;
        int next = 0;
        for (Slice slice : slices) {
            before = slice.part() == 0 ? 0 : before;
            numbered.add(slice.withLineEndsBefore(before));
            if (next < followed.size() && followed.get(next).number() == slice.number()) {
                before += counts.get(next++);
            }
        }
        return List.copyOf(numbered);
    }

    private static long lineEnds(ClusterFiles files, Slice slice) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = slice.to() - slice.from();
        long count = 0;
        try (InputStream in = files.open(slice.input().uri(), slice.from())) {
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    break;
                }
                left -= read;
                for (int i = 0; i < read; i++) {
                    count += buffer[i] == '\n' ? 1 : 0;
                }
            }
        }
        return count;
    }
}
