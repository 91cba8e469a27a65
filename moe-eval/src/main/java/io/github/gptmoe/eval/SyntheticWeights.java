package io.github.gptmoe.eval;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * BF16 weights that are cheap to make and to check: element i of a tensor follows from its name and i alone. All are finite,
 * of size 0.5 to 2 and either sign.
 */
final class SyntheticWeights {
    /** Experts of the smallest MoE layer. */
    private static final int FEWEST_EXPERTS = 2;

    /** Growth beyond this would take longer to lay out than to write. */
    private static final int MOST_GROWTH = 16;

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int ELEMENTS_A_WORD = Long.BYTES / Short.BYTES;
    // Of each of the four elements of a word: the sign, the lowest bit of the exponent and the mantissa are free.
    private static final long FREE = 0x80ff_80ff_80ff_80ffL;
    private static final long FIXED = 0x3f00_3f00_3f00_3f00L;

    private SyntheticWeights() {}

    /** Bytes of a model's weights in BF16. */
    static long bytes(ModelConfig model) {
        return Short.BYTES * new GptModel(model).parameterCount();
    }

    /**
     * The model with fewer or more blocks and experts whose BF16 weights come closest to a size from below: as many blocks as
     * fit with all experts of those before the last, then as many experts in the last as fit. It is less than one expert
     * short, or one block if the model is dense.
     *
     * @throws IllegalArgumentException if the size is less than that of one group of blocks, or many times that of the model
     */
    static ModelConfig scaled(ModelConfig model, long bytes) {
        boolean dense = model.experts().isEmpty();
        int step = dense ? 1 : model.moeInterval();
        int groups = 1;
        long smallest = bytes(cut(model, step, groups, FEWEST_EXPERTS));
        if (bytes < smallest) {
            throw new IllegalArgumentException("the smallest cut of this model has " + smallest
                    + " bytes: one group of blocks, and the token table");
        }
        if (bytes / MOST_GROWTH > bytes(model)) {
            throw new IllegalArgumentException("the whole model has " + bytes(model) + " bytes, and may be grown "
                    + MOST_GROWTH + " times at most");
        }
        int most = dense ? Integer.MAX_VALUE / step : model.moeLayers();
        while (groups < most && bytes(cut(model, step, groups + 1, FEWEST_EXPERTS)) <= bytes) {
            groups++;
        }
        if (dense) {
            return cut(model, step, groups, 0);
        }
        long least = bytes(cut(model, step, groups, FEWEST_EXPERTS));
        long expert = bytes(cut(model, step, groups, FEWEST_EXPERTS + 1)) - least;
        return cut(model, step, groups, FEWEST_EXPERTS + Math.toIntExact((bytes - least) / expert));
    }

    private static ModelConfig cut(ModelConfig model, int step, int groups, int lastExperts) {
        List<Integer> experts = new ArrayList<>();
        if (!model.experts().isEmpty()) {
            experts.addAll(model.experts().subList(0, groups - 1));
            experts.add(lastExperts);
        }
        return new ModelConfig(
                Math.multiplyExact(step, groups),
                model.hidden(),
                model.heads(),
                model.sequenceLength(),
                model.vocabulary(),
                experts,
                model.moeInterval(),
                model.residual(),
                model.router(),
                model.capacityFactor(),
                model.positions(),
                model.norm(),
                model.activation(),
                model.tieEmbeddings(),
                model.initStd());
    }

    /** Everything that a checkpoint of the model holds, made while it is written. */
    static List<TensorSource> sources(ModelConfig model) {
        return new GptModel(model)
                .parameters().stream().<TensorSource>map(Tensor::new).toList();
    }

    /** The bits of an element. */
    static short bits(String name, long element) {
        return (short) (word(seed(name), element / ELEMENTS_A_WORD) >>> (element % ELEMENTS_A_WORD * Short.SIZE));
    }

    private static long seed(String name) {
        return name.hashCode() * 0x9e37_79b9_7f4a_7c15L;
    }

    /** Four elements. The mixing is that of MurmurHash3's end: neighbours and tensors have nothing in common. */
    private static long word(long seed, long index) {
        long mixed = seed + index;
        mixed = (mixed ^ mixed >>> 33) * 0xff51_afd7_ed55_8ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ce_b9fe_1a85_ec53L;
        return ((mixed ^ mixed >>> 33) & FREE) | FIXED;
    }

    private record Tensor(ModelParameter parameter) implements TensorSource {
        @Override
        public String name() {
            return parameter.name();
        }

        @Override
        public SafetensorType type() {
            return SafetensorType.BF16;
        }

        @Override
        public long[] shape() {
            return parameter.shape().getShape().clone();
        }

        @Override
        public void writeTo(ByteSink sink) throws IOException {
            long seed = seed(name());
            long left = parameter.shape().size() * Short.BYTES;
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long word = 0; left > 0; word += CHUNK_BYTES / Long.BYTES) {
                chunk.clear();
                int bytes = (int) Math.min(CHUNK_BYTES, left);
                for (int i = 0; i < (bytes + Long.BYTES - 1) / Long.BYTES; i++) {
                    chunk.putLong(i * Long.BYTES, word(seed, word + i));
                }
                sink.write(chunk.limit(bytes));
                left -= bytes;
            }
        }
    }
}
