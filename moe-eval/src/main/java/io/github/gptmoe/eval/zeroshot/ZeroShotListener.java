package io.github.gptmoe.eval.zeroshot;

/** Hears how far an evaluation is. */
public interface ZeroShotListener {
    /**
     * Something a person should read once.
     *
     * @param text a line
     */
    void message(String text);

    /**
     * Rows were scored.
     *
     * @param task name
     * @param split of the data
     * @param done rows scored so far
     * @param rows all rows of the split
     */
    void scored(String task, String split, int done, int rows);
}
