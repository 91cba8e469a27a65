package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.kernel.Precision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which buckets share memory for gradients that exist for one stage at a time; arithmetic only. Blocks, whose backward runs one
 * after the other, take turns in it; the first and the last stage are under way for longer and have their own.
 */
public final class BufferPlan {
    private record Kind(boolean experts, boolean fp32, int turn) {}

    private final Map<Bucket, Integer> memories = new HashMap<>();
    private final List<Bucket> largest = new ArrayList<>();

    private BufferPlan() {}

    /**
     * Plans.
     *
     * @param layout all buckets
     * @param turns memories that blocks take turns in: 2 if one is summed over the ranks while the next is computed, else 1
     * @return the plan
     */
    public static BufferPlan of(Layout layout, int turns) {
        BufferPlan plan = new BufferPlan();
        List<String> stages =
                layout.buckets().stream().map(Bucket::stage).distinct().toList();
        Map<Kind, Integer> shared = new HashMap<>();
        for (Bucket bucket : layout.buckets()) {
            int stage = stages.indexOf(bucket.stage());
            boolean apart = stage == 0 || stage == stages.size() - 1;
            int memory = apart
                    ? plan.largest.size()
                    : shared.computeIfAbsent(
                            new Kind(bucket.experts(), bucket.fp32(), stage % turns), kind -> plan.largest.size());
            plan.put(bucket, memory);
        }
        return plan;
    }

    private void put(Bucket bucket, int memory) {
        memories.put(bucket, memory);
        if (memory == largest.size()) {
            largest.add(bucket);
        } else {
            Comparator<Bucket> bySize =
                    Comparator.comparingLong(each -> each.plan().fullSize());
            largest.set(memory, bySize.compare(bucket, largest.get(memory)) > 0 ? bucket : largest.get(memory));
        }
    }

    /** Number of the memory that a bucket's gradients are in. */
    int memory(Bucket bucket) {
        return Objects.requireNonNull(memories.get(bucket));
    }

    /** For each memory the bucket that it is made for. */
    List<Bucket> largest() {
        return largest;
    }

    /**
     * Size of all memory.
     *
     * @param low precision of gradients that need not be FP32
     * @return bytes
     */
    public long bytes(Precision low) {
        return largest.stream()
                .mapToLong(bucket ->
                        bucket.plan().fullSize() * bucket.precision(low).bytes())
                .sum();
    }
}
