package io.github.gptmoe.train.sharding;

import io.github.gptmoe.train.collective.Pending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Sums of gradients over the ranks that run beside backward. Every rank begins and finishes them in the same order, as
 * collective operations must be.
 */
final class PendingSums {
    private record Sum(int memory, Pending operation, Runnable then) {}

    private final List<Sum> underWay = new ArrayList<>();

    /** Takes over a sum in memory number {@code memory}; what follows it is done when it is finished. */
    void add(int memory, Pending operation, Runnable then) {
        underWay.add(new Sum(memory, operation, then));
    }

    /** Finishes what reads or writes some of the memory, which is about to be written. */
    void finish(IntPredicate memory) {
        List<Sum> kept = new ArrayList<>();
        for (Sum sum : underWay) {
            if (memory.test(sum.memory)) {
                sum.operation.finish();
                sum.then.run();
            } else {
                kept.add(sum);
            }
        }
        underWay.clear();
        underWay.addAll(kept);
    }

    void finishAll() {
        finish(memory -> true);
    }
}
