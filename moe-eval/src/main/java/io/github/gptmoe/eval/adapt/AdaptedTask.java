package io.github.gptmoe.eval.adapt;

import java.util.List;
import java.util.Map;

/**
 * What a task brought to a round.
 *
 * @param task name
 * @param splits whose texts were used
 * @param rows texts
 * @param leftOut rows that were left out because a test split has their text
 * @param labeller what made the pseudo labels
 * @param labelled rows with a pseudo label
 * @param given rows with their true label
 * @param perLabel label value to the rows that were given it, soft labels by their share
 */
public record AdaptedTask(
        String task,
        List<String> splits,
        int rows,
        int leftOut,
        String labeller,
        int labelled,
        int given,
        Map<String, Double> perLabel) {}
