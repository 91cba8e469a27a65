package io.github.gptmoe.train.profile;

import java.util.Locale;
import java.util.Optional;

/** A part of a training step, in the order of a step. */
enum Section {
    EMBEDDING,
    NORM_FORWARD,
    NORM_BACKWARD,
    ATTENTION_PROJECTIONS_FORWARD,
    ATTENTION_PROJECTIONS_BACKWARD,
    ATTENTION_FORWARD,
    ATTENTION_BACKWARD,
    FFN_FORWARD,
    FFN_BACKWARD,
    ROUTER_FORWARD,
    ROUTER_BACKWARD,
    EXPERTS_FORWARD,
    EXPERTS_BACKWARD,
    RESIDUALS,
    HEAD_AND_LOSS,
    GRADIENT_NORM,
    OPTIMIZER;

    /** The section a kernel belongs to; empty for helpers too small to list. */
    static Optional<Section> of(String kernel) {
        return Optional.ofNullable(
                switch (kernel) {
                    case "embed", "embed_backward" -> EMBEDDING;
                    case "layer_norm" -> NORM_FORWARD;
                    case "layer_norm_backward" -> NORM_BACKWARD;
                    case "attention_qkv", "attention_output" -> ATTENTION_PROJECTIONS_FORWARD;
                    case "attention_qkv_backward", "attention_output_backward" -> ATTENTION_PROJECTIONS_BACKWARD;
                    case "block_causal", "flash_cpu", "recorded_attention" -> ATTENTION_FORWARD;
                    case "block_causal_backward", "flash_cpu_backward", "vjp_inputs" -> ATTENTION_BACKWARD;
                    case "ffn" -> FFN_FORWARD;
                    case "ffn_backward" -> FFN_BACKWARD;
                    case "route" -> ROUTER_FORWARD;
                    case "vjp" -> ROUTER_BACKWARD;
                    case "experts" -> EXPERTS_FORWARD;
                    case "experts_backward" -> EXPERTS_BACKWARD;
                    case "add_reshaped", "add_into", "residual_mix", "residual_mix_backward" -> RESIDUALS;
                    case "head_backward" -> HEAD_AND_LOSS;
                    case "norm_squared" -> GRADIENT_NORM;
                    case "adamw" -> OPTIMIZER;
                    default -> null;
                });
    }

    /** The name in reports, for example {@code experts backward}. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
