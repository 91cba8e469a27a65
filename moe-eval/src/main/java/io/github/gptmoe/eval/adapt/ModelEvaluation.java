package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.eval.task.TaskResult;
import java.util.List;

/**
 * A model asked about tasks.
 *
 * @param checkpoint its folder
 * @param precision that it computed in: fp32, bf16 or fp16
 * @param results one a task
 * @param losses on the text that the last round held out
 */
public record ModelEvaluation(String checkpoint, String precision, List<TaskResult> results, TermLosses losses) {
    /**
     * Copies the list.
     *
     * @param checkpoint as above
     * @param precision as above
     * @param results as above
     * @param losses as above
     */
    public ModelEvaluation {
        results = List.copyOf(results);
    }
}
