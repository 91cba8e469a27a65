package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Decides which expert serves each token of one layer.
 *
 * <p>Implementations are immutable, hold no parameters and are pure: the same input gives the same {@link Routing}, bit
 * for bit, so a forward pass may be recomputed and several threads may share one router.
 */
public interface Router {

    /**
     * Returns the number of experts this router chooses from.
     *
     * @return E, at least 1
     */
    int numExperts();

    /**
     * Returns the parameters this router needs, in the order in which {@link #route} expects their values.
     *
     * @return the parameters; linear routers have one, {@code weight} of shape (E, D)
     */
    List<RouterWeight> weights();

    /**
     * Routes tokens.
     *
     * @param hiddenTD the tokens' hidden states, FP32 (T, D)
     * @param weights the values of {@link #weights()}, FP32, in that order; they are only read, and nothing stays attached
     *     to their manager
     * @param context what the decision may depend on besides the tokens
     * @return the decision; its arrays are attached to the manager of {@code hiddenTD}
     */
    Routing route(NDArray hiddenTD, NDList weights, RoutingContext context);

    /**
     * Returns whether an evaluation of tokens without padding is {@code e = argmax(x W^T)}, the first one of equals, with
     * gate {@code softmax(x W^T)_e}, W being the only weight. Decoding then computes it in one kernel instead of calling
     * {@link #route}, whose losses nobody needs there.
     *
     * @return false unless a router says so
     */
    default boolean isLinearTop1() {
        return false;
    }

    /**
     * Returns the distance below which a token counts as inside the margin in a {@link LoadReport}.
     *
     * @return the margin, or empty for routers without one
     */
    default OptionalDouble margin() {
        return OptionalDouble.empty();
    }
}
