package io.github.gptmoe.core.kernel;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The loaded kernel archive: one for the process, callable from every thread that has {@linkplain #enter
 * entered}.
 */
public final class KernelModule {
    /** Resources of this package that make up the archive. */
    static final List<String> SOURCES = List.of(
            "norm.py",
            "embedding.py",
            "attention.py",
            "feed_forward.py",
            "head.py",
            "decode.py",
            "tree.py",
            "collective.py",
            "autograd.py",
            "optimizer.py",
            "rounding.py",
            "quantisation.py",
            "adamw.py",
            "lamb.py",
            "sgd.py",
            "adafactor.py",
            "precision.py");

    private final PtModel model;
    private final PtSymbolBlock block;
    private volatile @Nullable KernelObserver observer;

    /** Keeps the model too: DJL frees the native module when its Java owner is collected. */
    private KernelModule(PtModel model) {
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
    }

    private static final class Loaded {
        static final KernelModule INSTANCE = load();
    }

    private static KernelModule load() {
        Engine.getEngine("PyTorch");
        // The profiling executor specialises on shapes, which vary from batch to batch: off, results repeat bit for
        // bit.
        JniUtils.setGraphExecutorOptimize(false);
        PtModel model = (PtModel) Model.newInstance("kernels", Device.cpu(), "PyTorch");
        try {
            model.load(new ByteArrayInputStream(KernelArchive.of(SOURCES)), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedModelException e) {
            throw new IllegalStateException("libtorch refused the kernel archive: " + e.getMessage(), e);
        }
        return new KernelModule(model);
    }

    /** Loads the kernels if need be and prepares the calling thread: executor and gradient mode are thread-local. */
    public static void enter() {
        if (!instance().model.getNDManager().isOpen()) {
            throw new IllegalStateException("the kernel archive was closed");
        }
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
    }

    /**
     * Sets who is told of every call in this process.
     *
     * @param watching the observer, or null for none
     */
    public static void observe(@Nullable KernelObserver watching) {
        instance().observer = watching;
    }

    /**
     * Runs plain array operations that an observer is to see as one kernel.
     *
     * @param <R> result type
     * @param name name to report
     * @param work the operations
     * @return their result
     */
    public static <R> R observed(String name, Supplier<R> work) {
        KernelObserver watching = instance().observer;
        if (watching == null) {
            return work.get();
        }
        long start = System.nanoTime();
        R result = work.get();
        watching.called(name, System.nanoTime() - start);
        return result;
    }

    static KernelModule instance() {
        return Loaded.INSTANCE;
    }

    /**
     * Calls a kernel. The autograd graph is kept when the thread records gradients; otherwise in-place updates of leaves are
     * allowed. DJL's other call, {@code runMethod}, takes typed scalars but switches libtorch to inference mode, whose
     * results can be neither updated in place nor differentiated later; so scalars travel as small CPU tensors.
     *
     * @param scope owner of the results
     * @param arguments arrays, {@code NDList}s (a list parameter each), integers, floating-point numbers, booleans, {@code
     *     long[]} and {@code double[]}
     * @return results attached to {@code scope}; empty for a kernel that works in place
     */
    NDList call(String method, NDManager scope, Object... arguments) {
        // DJL attaches results to the manager of the first array, so the marker that names the method must be the
        // scope's.
        NDArray marker = scope.create(0f);
        marker.setName("module_method:" + method);
        NDList inputs = new NDList(marker);
        NDList temporaries = new NDList(marker);
        int lists = 0;
        for (Object argument : arguments) {
            if (argument instanceof NDList list) {
                if (list.isEmpty()) {
                    throw new IllegalArgumentException(method + ": DJL cannot pass an empty list");
                }
                // Equal names make one list parameter; a dot or brackets in any other name would be read as structure.
                String name = "list" + lists++ + "[]";
                list.forEach(array -> array.setName(name));
                inputs.addAll(list);
                continue;
            }
            NDArray array = argument instanceof NDArray given ? given : temporary(temporaries, scope, argument);
            array.setName(null);
            inputs.add(array);
        }
        KernelObserver watching = observer;
        long start = watching == null ? 0 : System.nanoTime();
        try {
            return IValueUtils.forward(block, inputs, true);
        } finally {
            temporaries.close();
            if (watching != null) {
                watching.called(method, System.nanoTime() - start);
            }
        }
    }

    private static NDArray temporary(NDList temporaries, NDManager scope, Object value) {
        NDArray array;
        if (value instanceof Boolean flag) {
            array = scope.create(flag.booleanValue());
        } else if (value instanceof Integer || value instanceof Long) {
            array = scope.create(((Number) value).longValue());
        } else if (value instanceof Double number) {
            array = scope.create(number.doubleValue());
        } else if (value instanceof long[] longs) {
            array = scope.create(longs);
        } else if (value instanceof double[] doubles) {
            array = scope.create(doubles);
        } else {
            throw new IllegalArgumentException("kernel argument of type " + value.getClass());
        }
        temporaries.add(array);
        return array;
    }
}
