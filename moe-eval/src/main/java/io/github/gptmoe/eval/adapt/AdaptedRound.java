package io.github.gptmoe.eval.adapt;

import java.util.List;
import java.util.Map;

/**
 * A round: labelling, then training.
 *
 * @param round number from 1
 * @param folder of its run
 * @param settings everything the text was made from
 * @param tasks what each task brought
 * @param tokens of the text, with an end of document an example
 * @param heldOut whether the validation's rows are not trained on
 * @param steps optimizer steps
 */
public record AdaptedRound(
        int round,
        String folder,
        Map<String, String> settings,
        List<AdaptedTask> tasks,
        long tokens,
        boolean heldOut,
        long steps) {
    /** The same round with as many steps as this call asks for. */
    AdaptedRound withSteps(long asked) {
        return new AdaptedRound(round, folder, settings, tasks, tokens, heldOut, asked);
    }
}
