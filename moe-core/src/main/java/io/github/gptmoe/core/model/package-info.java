/**
 * The model as a list of stages: embedding, decoder blocks, head with loss.
 *
 * <p>Start at {@link io.github.gptmoe.core.model.GptModel}: it builds the stages of a {@link
 * io.github.gptmoe.core.model.ModelConfig} and names every parameter. A {@link io.github.gptmoe.core.model.Stage} is a DJL
 * block whose forward is pure: everything a run needs comes in the {@link io.github.gptmoe.core.model.StageContext},
 * everything it yields, the router's losses included, goes out in the {@link io.github.gptmoe.core.model.StageOutput}. So a
 * trainer may run a stage twice (activation recomputation), on several threads, or with weights of another precision from a
 * {@link io.github.gptmoe.core.model.WeightStore}.
 *
 * <p>A new kind of feed-forward layer is one class behind {@link io.github.gptmoe.core.model.FeedForward}. A form of
 * attention has a name in {@link io.github.gptmoe.core.model.NamedAttention}; the context says which one a run takes.
 *
 * <p>Axis letters: B batch, L length, T = B*L tokens, D width, H heads, F hidden width of the FFN, E experts, V vocabulary,
 * S longest sequence.
 */
@NullMarked
package io.github.gptmoe.core.model;

import org.jspecify.annotations.NullMarked;
