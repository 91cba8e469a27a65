package io.github.gptmoe.core.accounting;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;

/**
 * What forward keeps for backward, array by array as the blocks' {@code record} leaves them. With T tokens, width D, H heads, E
 * experts of a layer and b bytes of an activation, {@code s = b T D} is one residual stream:
 *
 * <pre>
 * attention    7 s + 8 T          queries, keys, values, normalised input, heads, joined heads, output; statistics of the norm
 *  block-N     + s + b S          scaled queries, S shares (NamedAttention.shareBytes)
 *  fused, sdpa + 4 B H L          log-sum-exp
 * dense FFN    11 s + 8 T         normalised input, FFN's output, output; input and output of the GELU: 4 s each
 * MoE          2 s + 8 T          normalised input, output; with residual path + 9 s + 8 T
 *  router      12 T + 16          ids, gates, losses; BF16: + 4 T D; large margin: + 4 T; a capacity: + 8 T
 *  its graph   4 T E              probabilities; z-loss: + 4 T E + 12 T; large margin and jitter: as below
 *  experts     s + 10 r + 8 T     r = b R D of R rows (T; in BF16 filled up: T + T/16 + 3 (E + 1)); BF16: + b T
 *  exchange    4 s + 20 T         rows sent, got, sent back, and put in place
 * </pre>
 *
 * <p>With expert parallelism, E is the number of a rank's own experts, and as many tokens are taken to come as go: experts that
 * are chosen more often need more on their rank. What libtorch's operations keep for themselves is not visible in arrays; {@link
 * BlockActivations#routerGraph} names what that is here.
 */
public final class ActivationCount {
    private static final long FLOAT = Float.BYTES;
    private static final long LONG = Long.BYTES;
    private static final long SCALARS_OF_ROUTING = 4 * FLOAT;
    private static final long EXPANSION = 4;

    private ActivationCount() {}

    /**
     * Counts one block.
     *
     * @param model the model
     * @param block block index from 0
     * @param shape the micro-batch
     * @return what is kept
     */
    public static BlockActivations ofBlock(ModelConfig model, int block, StepShape shape) {
        return ofBlock(model, block, shape, shape.tokens());
    }

    /** As {@link #ofBlock(ModelConfig, int, StepShape)}, for a number of rows that have come from all ranks. */
    static BlockActivations ofBlock(ModelConfig model, int block, StepShape shape, long received) {
        long tokens = shape.tokens();
        long stream = shape.stream(model.hidden());
        long statistics = 2 * FLOAT * tokens;
        long ffn = (1 + 2 * EXPANSION) * stream; // its output, and both sides of the GELU
        if (!model.isMoe(block)) {
            return new BlockActivations(attention(model, shape), 2 * stream + statistics + ffn, 0, 0, 0, 0);
        }
        long mixing = model.residual() ? ffn + 2 * FLOAT * tokens : 0;
        return new BlockActivations(
                attention(model, shape),
                2 * stream + statistics + mixing,
                router(model, shape),
                routerGraph(model.router(), model.expertsOf(block), model.hidden(), tokens),
                experts(model, block, shape, shape.expertRanks() == 1 ? tokens : received),
                shape.expertRanks() == 1 ? 0 : exchange(model, shape, received));
    }

    private static long attention(ModelConfig model, StepShape shape) {
        long tokens = shape.tokens();
        long stream = shape.stream(model.hidden());
        long heads = shape.sequences() * model.heads();
        long all = 7 * stream + 2 * FLOAT * tokens;
        return switch (shape.attention()) {
            case BLOCK_64, BLOCK_128, BLOCK_256, BLOCK_512 ->
                all + stream + shape.attention().shareBytes(heads, shape.length(), shape.precision());
            case FUSED, SDPA -> all + FLOAT * heads * shape.length();
        };
    }

    /** What libtorch's fused attention keeps where autograd holds it; part of {@link BlockActivations#attention}. */
    static long attentionGraph(ModelConfig model, StepShape shape) {
        return shape.attention() == NamedAttention.SDPA
                ? FLOAT * shape.sequences() * model.heads() * shape.length()
                : 0;
    }

    private static long router(ModelConfig model, StepShape shape) {
        long tokens = shape.tokens();
        return tokens * (LONG + FLOAT)
                + SCALARS_OF_ROUTING
                + (shape.low() ? FLOAT * tokens * model.hidden() : 0)
                + (model.router() instanceof LargeMarginConfig ? FLOAT * tokens : 0)
                + (model.capacityFactor() > 0 ? LONG * tokens : 0);
    }

    /** Operands that the graph of the router's operations keeps for their derivatives. */
    private static long routerGraph(RouterConfig router, long experts, long hidden, long tokens) {
        if (router instanceof LargeMarginConfig margin) {
            long rivals = margin.rivals();
            // Norms of the differences, which divide; the hinge's outputs and the places of the rivals.
            return linearGraph(margin.zCoefficient(), margin.jitter(), experts, hidden, tokens)
                    + FLOAT * tokens * experts
                    + (FLOAT + LONG) * tokens * rivals;
        }
        Top1Config gate = (Top1Config) router;
        return linearGraph(gate.zCoefficient(), gate.jitter(), experts, hidden, tokens);
    }

    private static long linearGraph(double zCoefficient, double jitter, long experts, long hidden, long tokens) {
        long probabilities = FLOAT * tokens * experts;
        long exponentials = zCoefficient == 0 ? 0 : FLOAT * tokens * (experts + 3);
        long jittered = jitter == 0 ? 0 : 2 * FLOAT * tokens * hidden; // the factors, and their products
        return probabilities + exponentials + jittered;
    }

    private static long experts(ModelConfig model, int block, StepShape shape, long tokens) {
        if (tokens == 0) {
            return 0;
        }
        long own = model.expertsOf(block) / shape.expertRanks();
        long places = LONG * (tokens + own + 1);
        long gates = shape.low() ? (long) shape.precision().bytes() * tokens : 0;
        long sorted = shape.rows(expertRows(shape, tokens, own), model.hidden());
        return shape.rows(tokens, model.hidden()) + (2 + 2 * EXPANSION) * sorted + places + gates;
    }

    /** Rows of the sorted tokens, see {@link io.github.gptmoe.core.kernel.ExpertKernels.Recorded}. */
    static long expertRows(StepShape shape, long tokens, long experts) {
        return shape.low() ? tokens + tokens / 16 + 3 * (experts + 1) : tokens;
    }

    private static long exchange(ModelConfig model, StepShape shape, long received) {
        long sent = shape.tokens();
        long hidden = model.hidden();
        long rows = 3 * shape.rows(sent, hidden) + shape.rows(received, hidden);
        return rows + LONG * sent + (LONG + FLOAT) * received;
    }
}
