package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;

/**
 * The most probable expert of every token.
 *
 * <p>The choice is the argmax of the logits, the first one on a tie. The softmax would order the experts the same way, but
 * its rounding can tie logits that differ.
 *
 * @param logitsTE the logits
 * @param probabilityTE their softmax over the experts
 * @param chosenT INT64, the argmax in [0, E), padding included
 * @param expertIdsT INT64, the argmax, E for padding
 * @param gateT the probability of the chosen expert, not renormalised; 0 for padding
 */
record TopChoice(NDArray logitsTE, NDArray probabilityTE, NDArray chosenT, NDArray expertIdsT, NDArray gateT) {

    /** Chooses; all arrays are attached to the manager of {@code logitsTE}. */
    static TopChoice of(NDArray logitsTE, TokenMask mask) {
        NDArray probabilityTE = logitsTE.softmax(1);
        NDArray chosenT = logitsTE.argMax(1);
        NDArray expertIdsT = mask.unassignPadding(
                chosenT, Math.toIntExact(logitsTE.getShape().get(1)));
        NDArray gateT = mask.zeroPadding(chosen(probabilityTE, chosenT).squeeze(1));
        return new TopChoice(logitsTE, probabilityTE, chosenT, expertIdsT, gateT);
    }

    /** Returns (T, 1), the chosen expert's entry of every row. */
    static NDArray chosen(NDArray valuesTE, NDArray chosenT) {
        return valuesTE.gather(chosenT.expandDims(1), 1);
    }
}
