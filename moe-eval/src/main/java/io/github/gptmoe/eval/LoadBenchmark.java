package io.github.gptmoe.eval;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.PageCache;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.CheckpointDescription;
import io.github.gptmoe.train.checkpoint.CheckpointPart;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.report.ProcessMemory;
import io.github.gptmoe.train.report.SystemMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a measurement of large checkpoints: saving one, reading its files plainly, checking it, and loading it into
 * arrays as inference does. Each is meant for a process of its own, because the largest resident set of a process never
 * shrinks.
 */
public final class LoadBenchmark {
    private static final String WEIGHTS = "weights.safetensors";
    private static final int READ_BYTES = 1 << 20;
    private static final int CHECKS_A_TENSOR = 64;
    private static final double GIB = 1L << 30;

    /** Beside the tensors: Java, libtorch, and what the kernel needs to keep a disk busy. */
    private static final long RESERVE_BYTES = 1L << 30;

    /** What a save asks for beside the tensors, headers included. */
    private static final long RESERVE_DISK_BYTES = 64L << 20;

    private static final int RESERVE_FRACTION = 100;

    private LoadBenchmark() {}

    /**
     * One part.
     *
     * @param bytes of the files
     * @param seconds it took
     * @param cachedShare how much of the files was in the system's cache before, 0 to 1; null where it does not tell, or where
     *     there were no files before
     * @param peakResidentBytes largest resident set of the process; null where the system does not tell
     * @param tensorBytes of the arrays that were filled; 0 where there are none
     * @param checkedElements elements that were compared with what was written; 0 where nothing was
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Part(
            long bytes,
            double seconds,
            @Nullable Double cachedShare,
            @Nullable Long peakResidentBytes,
            long tensorBytes,
            long checkedElements) {
        /**
         * How fast it was.
         *
         * @return 1e9 bytes of the files a second
         */
        public double gigabytesPerSecond() {
            return bytes / seconds / 1e9;
        }
    }

    /**
     * The model cut to a size.
     *
     * @param model the whole
     * @param bytes what its BF16 weights should have
     * @return the model with fewer or more blocks and experts, less than one expert below the size
     * @throws IllegalArgumentException if there is none so small
     */
    public static ModelConfig scaled(ModelConfig model, long bytes) {
        return SyntheticWeights.scaled(model, bytes);
    }

    /**
     * The size of a model in a checkpoint of BF16.
     *
     * @param model the model
     * @return bytes of its tensors
     */
    public static long storedBytes(ModelConfig model) {
        return SyntheticWeights.bytes(model);
    }

    /**
     * The size of a model that is loaded.
     *
     * @param model the model
     * @return bytes of its arrays: BF16, but FP32 where a parameter stays so
     */
    public static long tensorBytes(ModelConfig model) {
        return new GptModel(model)
                .parameters().stream()
                        .mapToLong(parameter ->
                                parameter.shape().size() * precision(parameter).bytes())
                        .sum();
    }

    private static Precision precision(ModelParameter parameter) {
        return parameter.computeInFp32() ? Precision.FP32 : Precision.BF16;
    }

    /**
     * Refuses what this machine cannot hold, before anything is allocated.
     *
     * @param model the model to be loaded
     * @throws InputException if its arrays and a reserve exceed the free memory
     */
    public static void requireMemory(ModelConfig model) {
        requireMemory(tensorBytes(model), SystemMemory.availableBytes());
    }

    static void requireMemory(long tensorBytes, long available) {
        if (tensorBytes + RESERVE_BYTES > available) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    String.format(
                            Locale.ROOT,
                            "loading needs %.1f GiB of memory: %.1f GiB for the tensors and %.1f GiB beside them; %.1f GiB"
                                    + " are free; give a smaller --size, end other programs, or use a machine with more"
                                    + " memory",
                            (tensorBytes + RESERVE_BYTES) / GIB,
                            tensorBytes / GIB,
                            RESERVE_BYTES / GIB,
                            available / GIB));
        }
    }

    /**
     * Refuses what a disk has no room for, before anything is written.
     *
     * @param model the model to be saved
     * @param folder on that disk
     * @throws InputException if its checkpoint and a reserve exceed the free space
     * @throws IOException if the disk does not tell
     */
    public static void requireDisk(ModelConfig model, Path folder) throws IOException {
        requireDisk(storedBytes(model), Files.getFileStore(folder).getUsableSpace(), folder);
    }

    static void requireDisk(long storedBytes, long free, Path folder) {
        long needed = storedBytes + storedBytes / RESERVE_FRACTION + RESERVE_DISK_BYTES;
        if (needed > free) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    String.format(
                            Locale.ROOT,
                            "the checkpoint needs %.1f GiB, the disk of %s has %.1f GiB free; give a smaller --size, or"
                                    + " another disk with --dir",
                            needed / GIB,
                            folder,
                            free / GIB));
        }
    }

    /**
     * Saves synthetic BF16 weights as a training run saves: with checksums, synced, and read back.
     *
     * @param model the model
     * @param folder where the checkpoint's folder will lie
     * @param shardBytes largest size of a file
     * @return figures of the whole save
     * @throws io.github.gptmoe.train.checkpoint.CheckpointException if the disk is too small or fails
     * @throws IOException if the result cannot be looked at
     */
    public static Part save(ModelConfig model, Path folder, long shardBytes) throws IOException {
        CheckpointStore store = new CheckpointStore(folder, CheckpointStore.MIN_KEEP_LAST, shardBytes);
        long start = System.nanoTime();
        store.save(
                new CheckpointDescription("bench-load", new TrainingState(1, 0, 0, 0, 0, Map.of()), "", "", Map.of()),
                List.of(new CheckpointPart(WEIGHTS, Map.of(), SyntheticWeights.sources(model))));
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Part(bytes(files(checkpoint(folder))), seconds, null, peak(), 0, 0);
    }

    private static Path checkpoint(Path folder) {
        return new CheckpointStore(folder, CheckpointStore.MIN_KEEP_LAST).list().get(0);
    }

    /**
     * Reads the files from begin to end with one thread into one small buffer: what a disk gives to a plain program.
     *
     * @param folder as given to {@link #save}
     * @return figures; the system is asked to forget the files first
     * @throws IOException if they cannot be read
     */
    public static Part readPlainly(Path folder) throws IOException {
        List<Path> files = files(checkpoint(folder));
        Double cached = forget(files);
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        long bytes = 0;
        long start = System.nanoTime();
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                for (int read = channel.read(buffer.clear()); read >= 0; read = channel.read(buffer.clear())) {
                    bytes += read;
                }
            }
        }
        return new Part(bytes, (System.nanoTime() - start) / 1e9, cached, peak(), 0, 0);
    }

    /**
     * Checks the checkpoint as every resume and every inference does before it loads: all checksums of all bytes.
     *
     * @param folder as given to {@link #save}
     * @return figures; the system is asked to forget the files first
     * @throws io.github.gptmoe.train.checkpoint.CheckpointException if it is damaged
     * @throws IOException if it cannot be read
     */
    public static Part verify(Path folder) throws IOException {
        List<Path> files = files(checkpoint(folder));
        Double cached = forget(files);
        CheckpointStore store = new CheckpointStore(folder, CheckpointStore.MIN_KEEP_LAST);
        long start = System.nanoTime();
        store.open(checkpoint(folder));
        return new Part(bytes(files), (System.nanoTime() - start) / 1e9, cached, peak(), 0, 0);
    }

    /**
     * Loads the weights into arrays as inference does, then compares some elements of every tensor with what was written.
     * The start of libtorch is not timed.
     *
     * @param model the model that was saved
     * @param folder as given to {@link #save}
     * @return figures; the system is asked to forget the files first
     * @throws InputException if the machine has too little memory
     * @throws IllegalStateException if an element differs
     * @throws IOException if the files cannot be read
     */
    public static Part load(ModelConfig model, Path folder) throws IOException {
        requireMemory(model);
        KernelModule.enter();
        GptModel stages = new GptModel(model);
        Path checkpoint = checkpoint(folder);
        List<Path> files = files(checkpoint);
        Double cached = forget(files);
        try (NDManager owner = NDManager.newBaseManager(Device.cpu())) {
            long start = System.nanoTime();
            LoadedWeights weights;
            try (TensorFiles open = TensorFiles.open(checkpoint, WEIGHTS)) {
                weights = new LoadedWeights(owner, stages, open, Precision.BF16);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Long peak = peak();
            long checked = 0;
            for (ModelParameter parameter : stages.parameters()) {
                checked += check(parameter, weights.getValue(parameter.parameter(), Device.cpu(), false));
            }
            return new Part(bytes(files), seconds, cached, peak, tensorBytes(model), checked);
        }
    }

    /** Elements at equal distances, the first and the last among them. */
    private static long check(ModelParameter parameter, NDArray array) {
        long last = parameter.shape().size() - 1;
        boolean wide = precision(parameter) == Precision.FP32;
        int width = precision(parameter).bytes();
        long checks = Math.min(CHECKS_A_TENSOR, last + 1);
        for (long i = 0; i < checks; i++) {
            long element = checks == 1 ? 0 : last * i / (checks - 1);
            ByteBuffer stored =
                    TensorStorage.range(array, element * width, width).get(0);
            int found = wide ? stored.getInt() : stored.getShort() << Short.SIZE;
            int expected = SyntheticWeights.bits(parameter.name(), element) << Short.SIZE;
            if (found != expected) {
                throw new IllegalStateException(String.format(
                        Locale.ROOT,
                        "element %d of %s is %08x, not %08x as it was written",
                        element,
                        parameter.name(),
                        found,
                        expected));
            }
        }
        return checks;
    }

    private static List<Path> files(Path checkpoint) throws IOException {
        try (TensorFiles open = TensorFiles.open(checkpoint, WEIGHTS)) {
            return open.files().stream().map(SafetensorsFile::path).toList();
        }
    }

    private static long bytes(List<Path> files) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** Asks the system to forget the files, and tells how much of them it has kept. */
    private static @Nullable Double forget(List<Path> files) throws IOException {
        double kept = 0;
        for (Path file : files) {
            PageCache.drop(file);
            OptionalDouble share = PageCache.residentShare(file);
            if (share.isEmpty()) {
                return null;
            }
            kept += share.getAsDouble() * Files.size(file);
        }
        return kept / bytes(files);
    }

    private static @Nullable Long peak() {
        long peak = ProcessMemory.peakResidentBytes();
        return peak < 0 ? null : peak;
    }
}
