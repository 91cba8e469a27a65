package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Gradients that exist for one stage at a time, from its backward until it is complete. Blocks, whose backward runs one after
 * the other, share memory; the first and the last stage are under way for longer and have their own.
 */
final class StageBuffers {
    /**
     * A bucket's gradients.
     *
     * @param flat all of them
     * @param part what this rank owns of them, a view
     */
    record Buffer(NDArray flat, NDArray part) {}

    private final Map<Bucket, Buffer> buffers = new HashMap<>();
    private final GradientViews views = new GradientViews();

    StageBuffers(NDManager owner, Layout layout, RankGroups groups, Precision low) {
        Set<String> apart = Set.of(
                layout.buckets().get(0).stage(),
                layout.buckets().get(layout.buckets().size() - 1).stage());
        Map<List<Object>, NDArray> shared = new HashMap<>();
        for (Bucket bucket : layout.buckets()) {
            Precision precision = bucket.precision(low);
            NDArray memory = apart.contains(bucket.stage())
                    ? precision.zeros(owner, bucket.flatShape())
                    : shared.computeIfAbsent(
                            List.of(bucket.experts(), bucket.fp32()),
                            kind -> precision.zeros(owner, largest(layout, bucket, apart)));
            NDArray flat = FlatArrays.view(owner, memory, 0, bucket.flatShape());
            int part = layout.part(groups.of(bucket).rank());
            buffers.put(bucket, new Buffer(flat, bucket.part(owner, flat, part)));
            views.add(owner, bucket, flat);
        }
    }

    private static Shape largest(Layout layout, Bucket kind, Set<String> apart) {
        return new Shape(layout.buckets().stream()
                .filter(bucket -> bucket.experts() == kind.experts()
                        && bucket.fp32() == kind.fp32()
                        && !apart.contains(bucket.stage()))
                .mapToLong(bucket -> bucket.plan().fullSize())
                .max()
                .orElseThrow());
    }

    Buffer of(Bucket bucket) {
        return Objects.requireNonNull(buffers.get(bucket));
    }

    NDList of(List<ModelParameter> parameters) {
        return views.of(parameters);
    }
}
