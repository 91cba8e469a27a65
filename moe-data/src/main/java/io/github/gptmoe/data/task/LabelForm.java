package io.github.gptmoe.data.task;

/** Which of a label's own texts a pattern writes for it. */
public enum LabelForm {
    /** {@link TaskLabel#name()}. */
    NAME,
    /** {@link TaskLabel#shortName()}. */
    SHORT
}
