package io.github.gptmoe.core.model;

import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.BlockCausalAttention;
import io.github.gptmoe.core.kernel.FlashCpuAttention;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.RecordedAttention;

/** Which form of attention a run takes; docs/performance.md has the measurements behind the numbers. */
final class AttentionForms {
    /** Beyond this length the shares that the plain form keeps, L^2 / 2 of them a head, outgrow everything else. */
    private static final long PLAIN_LENGTH = 2048;

    private static final AttentionForm PLAIN_FP32 = new BlockCausalAttention(128);
    private static final AttentionForm PLAIN_BF16 = new BlockCausalAttention(256);
    private static final AttentionForm FLASH = new FlashCpuAttention();
    private static final AttentionForm LIBTORCHS_CHOICE = new RecordedAttention();

    private AttentionForms() {}

    /** The form for sequences of a length. */
    static AttentionForm of(StageContext context, long length) {
        if (context.scope().getDevice().isGpu()) {
            return LIBTORCHS_CHOICE;
        }
        if (length > PLAIN_LENGTH) {
            return FLASH;
        }
        return context.precision() == Precision.FP32 ? PLAIN_FP32 : PLAIN_BF16;
    }
}
