package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/** Counts the memory of arrays as libtorch has allocated it. */
public final class HeldMemory {
    private HeldMemory() {}

    /**
     * What a manager and all below it keep alive. What only autograd holds is not seen.
     *
     * @param manager an open manager
     * @return bytes; memory that several arrays share counts once
     */
    public static long bytes(NDManager manager) {
        Map<Long, Long> sizes = new HashMap<>();
        manager.getManagedArrays().forEach(array -> {
            TensorStorage.Allocation allocation = TensorStorage.allocation(array);
            sizes.merge(allocation.address(), allocation.bytes(), Math::max);
        });
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
}
