package io.github.gptmoe.core.accounting;

import io.github.gptmoe.core.model.ModelConfig;

/**
 * What is allocated beside the kept activations while something runs: the largest sum over the moments of its kernels, by reading
 * them. What a library's products take for themselves is not in it.
 */
public final class TransientCount {
    private static final long FLOAT = Float.BYTES;
    private static final long LONG = Long.BYTES;
    private static final long EXPANSION = 4;
    private static final long HEAD_BLOCK = 1024;
    private static final long WIDTH_UNIT = 16;

    private TransientCount() {}

    /**
     * Temporaries of the head.
     *
     * @param logits logits of a chunk, their softmax in FP32, and the gradients of 1,024 tokens or one chunk
     * @param other normalised tokens and their gradients, and a copy of a token table of odd height
     */
    public record Head(long logits, long other) {}

    /**
     * The most that the backward of a block holds: gradients of the residual stream that go in and out, and everything between.
     *
     * @param model the model
     * @param block block index from 0
     * @param shape the micro-batch
     * @return bytes
     */
    public static long backward(ModelConfig model, int block, StepShape shape) {
        long stream = shape.stream(model.hidden());
        long held; // what the second half leaves behind until the block is done, with the gradient that came in
        long within;
        if (model.isMoe(block)) {
            long fp32 = FLOAT * shape.tokens() * model.hidden();
            long mixed = model.residual() ? 3 * stream : 0;
            long dense = model.residual() ? stream : 0;
            long rows = shape.expertRanks() == 1 ? stream : 5 * stream;
            held = stream + mixed + dense + rows + fp32;
            within = Math.max(
                    stream + mixed + (model.residual() ? ffn(model, shape) : 0),
                    stream + mixed + dense + (rows - stream) + experts(model, block, shape));
        } else {
            held = 2 * stream;
            within = stream + ffn(model, shape);
        }
        return Math.max(within, held + stream + attention(model, shape));
    }

    private static long ffn(ModelConfig model, StepShape shape) {
        long stream = shape.stream(model.hidden());
        long wide = EXPANSION * stream;
        long weight = shape.gradientTemporary(EXPANSION * model.hidden() * model.hidden());
        return wide + Math.max(Math.max(wide, stream), weight);
    }

    private static long experts(ModelConfig model, int block, StepShape shape) {
        long tokens = shape.tokens();
        long stream = shape.stream(model.hidden());
        long fp32 = FLOAT * tokens * model.hidden();
        long own = model.expertsOf(block) / shape.expertRanks();
        long sorted = shape.rows(ActivationCount.expertRows(shape, tokens, own), model.hidden());
        long wide = EXPANSION * sorted;
        long weight = shape.gradientTemporary(EXPANSION * model.hidden() * model.hidden());
        long gates = (shape.low() ? 2 : 1) * fp32 + stream;
        return Math.max(gates, sorted + wide + Math.max(wide, weight));
    }

    private static long attention(ModelConfig model, StepShape shape) {
        long stream = shape.stream(model.hidden());
        long square = (long) model.hidden() * model.hidden();
        long output = Math.max(shape.gradientTemporary(square), 2 * stream);
        long inner = 4 * stream + form(model, shape);
        long joined = 4 * stream + Math.max(6 * stream, 3 * stream + shape.gradientTemporary(3 * square));
        return Math.max(output, Math.max(inner, joined));
    }

    private static long form(ModelConfig model, StepShape shape) {
        return switch (shape.attention()) {
            case BLOCK_64, BLOCK_128, BLOCK_256, BLOCK_512 -> {
                long last = shape.rows(
                        shape.sequences() * model.heads() * shape.length(),
                        Math.min(shape.attention().block(), shape.length()));
                yield last + Math.max(last, shape.stream(model.hidden()));
            }
            // On a GPU queries' gradients are summed in FP32, with one more sum a row.
            case FUSED, SDPA ->
                shape.gpu() && shape.low() ? FLOAT * shape.tokens() * (model.hidden() + model.heads()) : 0;
        };
    }

    /**
     * The head and the loss, forward and backward in one.
     *
     * @param model the model
     * @param shape the micro-batch
     * @param headChunk tokens whose FP32 logits exist at a time
     * @return bytes
     */
    public static Head head(ModelConfig model, StepShape shape, int headChunk) {
        long tokens = shape.tokens();
        long stream = shape.stream(model.hidden());
        long extra = Math.floorMod(-model.vocabulary(), (int) WIDTH_UNIT);
        long width = model.vocabulary() + extra;
        long chunk = Math.min(headChunk, tokens);
        long gradients = shape.rows(Math.min(Math.max(chunk, HEAD_BLOCK), tokens), width);
        long logits = shape.rows(chunk, width) + FLOAT * chunk * width;
        // libtorch's CPU softmax converts to FP32 first.
        long converted = shape.low() && !shape.gpu() ? FLOAT * chunk * width : 0;
        long weight = shape.gradientTemporary((long) model.vocabulary() * model.hidden());
        long table = extra == 0 ? 0 : shape.rows(width, model.hidden());
        return new Head(
                gradients + Math.max(logits + converted, weight),
                3 * stream + (2 * FLOAT + shape.precision().bytes()) * tokens + table);
    }

    /**
     * The backward of the embedding.
     *
     * @param model the model
     * @param shape the micro-batch
     * @return bytes, with the gradient that comes in
     */
    public static long embedding(ModelConfig model, StepShape shape) {
        long stream = shape.stream(model.hidden());
        long elements = shape.tokens() * model.hidden();
        long converted = shape.precision() == shape.gradientPrecision()
                ? 0
                : elements * shape.gradientPrecision().bytes();
        long summed = (shape.low() ? FLOAT * elements : 0) + FLOAT * shape.length() * model.hidden();
        return stream + converted + summed;
    }

    /**
     * What exists through a whole micro-batch besides what blocks keep.
     *
     * @param model the model
     * @param shape the micro-batch
     * @return ids, targets, weights of the losses, and the output of the embedding
     */
    public static long batch(ModelConfig model, StepShape shape) {
        return shape.tokens() * (2 * LONG + FLOAT) + shape.stream(model.hidden());
    }

    /**
     * The optimizer's update.
     *
     * @param largest elements of the largest piece that is updated
     * @param gpu whether it is done by a GPU, which takes a parameter at a time
     * @return bytes
     */
    public static long update(long largest, boolean gpu) {
        long piece = gpu ? largest : Math.min(largest, 1L << 19);
        return FLOAT * piece;
    }
}
