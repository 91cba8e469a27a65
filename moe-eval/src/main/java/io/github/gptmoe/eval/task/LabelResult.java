package io.github.gptmoe.eval.task;

/**
 * How one label fared.
 *
 * @param name what a reader is shown
 * @param count rows that have it
 * @param predicted rows it was given to
 * @param correct rows of both kinds
 * @param precision {@code correct / predicted}; NaN if it was never predicted
 * @param recall {@code correct / count}; NaN if no row has it
 * @param f1 {@code 2 correct / (count + predicted)}; NaN if neither
 */
public record LabelResult(
        String name, int count, int predicted, int correct, double precision, double recall, double f1) {

    static LabelResult of(String name, int count, int predicted, int correct) {
        return new LabelResult(
                name,
                count,
                predicted,
                correct,
                (double) correct / predicted,
                (double) correct / count,
                2.0 * correct / (count + predicted));
    }
}
