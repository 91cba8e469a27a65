package io.github.gptmoe.core.model;

import ai.djl.Device;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.BlockCausalAttention;
import io.github.gptmoe.core.kernel.FlashCpuAttention;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.RecordedAttention;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The forms of attention that a run can name. They differ in the order of their sums only, so which one is taken is a
 * question of speed and memory; but a run that is continued must go on with the one it has.
 */
public enum NamedAttention {
    /** {@link BlockCausalAttention} over 64 queries at a time. */
    BLOCK_64("block-64", 64),
    /** Over 128 queries. */
    BLOCK_128("block-128", 128),
    /** Over 256 queries. */
    BLOCK_256("block-256", 256),
    /** Over 512 queries. */
    BLOCK_512("block-512", 512),
    /** {@link FlashCpuAttention}, libtorch's fused kernel for CPUs. */
    FUSED("fused", 0),
    /** {@link RecordedAttention}, libtorch's choice under autograd; the one form that runs on GPUs. */
    SDPA("sdpa", 0);

    /** Beyond this length the shares that blocks keep, L^2 / 2 of them a head, outgrow all other activations. */
    private static final long STANDARD_BLOCK_LENGTH = 2048;

    private final String label;

    /** Queries of a block; 0 for forms without blocks. */
    private final int block;

    NamedAttention(String label, int block) {
        this.label = label;
        this.block = block;
    }

    /**
     * The form of a name.
     *
     * @param label for example {@code block-128}
     * @return empty for an unknown name
     */
    public static Optional<NamedAttention> of(String label) {
        return Arrays.stream(values())
                .filter(known -> known.label.equals(label))
                .findFirst();
    }

    /**
     * All names, in the order of this enumeration.
     *
     * @return unmodifiable list
     */
    public static List<String> labels() {
        return Arrays.stream(values()).map(NamedAttention::label).toList();
    }

    /**
     * The fixed rule, for whoever names no form: {@code sdpa} on GPUs; on CPUs {@code fused} beyond 2,048 tokens, else
     * {@code block-128} in FP32 and {@code block-256} in BF16 and FP16. It looks at nothing but its arguments, so what is computed by
     * it repeats on every machine of a kind.
     *
     * @param device where attention is computed
     * @param precision dtype of queries, keys and values
     * @param length tokens of a sequence
     * @return the form
     */
    public static NamedAttention standard(Device device, Precision precision, long length) {
        if (device.isGpu()) {
            return SDPA;
        }
        if (length > STANDARD_BLOCK_LENGTH) {
            return FUSED;
        }
        return precision == Precision.FP32 ? BLOCK_128 : BLOCK_256;
    }

    /**
     * The name in configurations.
     *
     * @return for example {@code block-128}
     */
    public String label() {
        return label;
    }

    /**
     * Queries of a block.
     *
     * @return 0 for forms without blocks
     */
    public int block() {
        return block;
    }

    /**
     * The form itself.
     *
     * @return without state; equal to every other of this name
     */
    public AttentionForm form() {
        return switch (this) {
            case BLOCK_64, BLOCK_128, BLOCK_256, BLOCK_512 -> new BlockCausalAttention(block);
            case FUSED -> new FlashCpuAttention();
            case SDPA -> new RecordedAttention();
        };
    }

    /**
     * Tells whether the form works on a kind of device. Blocks would, but have never been tried on a GPU.
     *
     * @param device where attention is computed
     * @return false if it must not be used there
     */
    public boolean runsOn(Device device) {
        return this == SDPA || !device.isGpu();
    }

    /**
     * What the form keeps for backward that grows with the square of the length: the shares of its blocks.
     *
     * @param heads sequences times heads
     * @param length tokens of a sequence
     * @param precision dtype of the shares
     * @return bytes for one layer; 0 for forms whose memory grows with the length only
     */
    public long shareBytes(long heads, long length, Precision precision) {
        if (block == 0) {
            return 0;
        }
        long shares = 0;
        for (long start = 0; start < length; start += block) {
            long end = Math.min(start + block, length);
            shares += (end - start) * end;
        }
        return heads * shares * precision.bytes();
    }
}
