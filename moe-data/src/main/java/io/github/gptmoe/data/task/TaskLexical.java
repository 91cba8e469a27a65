package io.github.gptmoe.data.task;

import java.util.List;

/**
 * How a task is labelled by its words alone: the baseline that a model has to beat, and a source of pseudo labels.
 *
 * @param method which signal is used
 * @param slots the slots it is taken from; for {@code seeds} those whose text is looked at
 * @param labels the values of the labels it tells apart, in the order that the method defines
 */
public record TaskLexical(Method method, List<String> slots, List<String> labels) {
    /** A signal in the words of a row. */
    public enum Method {
        /** Naive Bayes over pairs of characters that begins with the labels' seed words. All labels of the task. */
        SEEDS(0, 0),
        /** Likeness of two texts; labels: alike, different. Half of the rows are taken to be alike. */
        SIMILARITY(2, 2),
        /**
         * What the second text has of the first, and whether it brings new words of negation or of all and none; labels: follows,
         * is open, contradicts.
         */
        ENTAILMENT(2, 3),
        /** The mean length of the entries of a list, in characters; labels: long, short. Half of the rows are taken to be long. */
        ENTRY_LENGTH(1, 2),
        /** The length of a text in characters; labels: long, short. Half of the rows are taken to be long. */
        TEXT_LENGTH(1, 2);

        private final int slots;
        private final int labels;

        Method(int slots, int labels) {
            this.slots = slots;
            this.labels = labels;
        }

        /** How many slots it looks at; 0: any number. */
        int slots() {
            return slots;
        }

        /** How many labels it tells apart; 0: all. */
        int labels() {
            return labels;
        }
    }

    /**
     * Copies the lists.
     *
     * @param method signal
     * @param slots slots
     * @param labels labels
     */
    public TaskLexical {
        method = method == null ? Method.SEEDS : method;
        slots = slots == null ? List.of() : List.copyOf(slots);
        labels = labels == null ? List.of() : List.copyOf(labels);
    }
}
