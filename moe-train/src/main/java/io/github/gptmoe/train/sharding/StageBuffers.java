package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Gradients that exist for one stage at a time, from its backward until they are summed, in memory as {@link BufferPlan} says. */
final class StageBuffers {
    /**
     * A bucket's gradients.
     *
     * @param memory number of the memory they are in
     * @param flat all of them
     * @param part what this rank owns of them, a view
     */
    record Buffer(int memory, NDArray flat, NDArray part) {}

    private final Map<Bucket, Buffer> buffers = new HashMap<>();
    private final Map<String, Integer> memories = new HashMap<>();
    private final GradientViews views = new GradientViews();

    StageBuffers(NDManager owner, Layout layout, RankGroups groups, Precision low, int turns) {
        BufferPlan plan = BufferPlan.of(layout, turns);
        List<NDArray> arrays = plan.largest().stream()
                .map(bucket -> bucket.precision(low).zeros(owner, bucket.flatShape()))
                .toList();
        for (Bucket bucket : layout.buckets()) {
            int memory = plan.memory(bucket);
            NDArray flat = FlatArrays.view(owner, arrays.get(memory), 0, bucket.flatShape());
            int part = layout.part(groups.of(bucket).rank());
            buffers.put(bucket, new Buffer(memory, flat, bucket.part(owner, flat, part)));
            bucket.parameters().forEach(parameter -> memories.put(parameter.name(), memory));
            views.add(owner, bucket, flat);
        }
    }

    Buffer of(Bucket bucket) {
        return Objects.requireNonNull(buffers.get(bucket));
    }

    /** Numbers of the memories that the gradients of some parameters are in. */
    Set<Integer> memories(List<ModelParameter> parameters) {
        return parameters.stream()
                .map(parameter -> Objects.requireNonNull(memories.get(parameter.name())))
                .collect(Collectors.toSet());
    }

    NDList of(List<ModelParameter> parameters) {
        return views.of(parameters);
    }
}
