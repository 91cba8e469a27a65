package io.github.gptmoe.data.task;

/** What a piece of a filled-in prompt is. */
public enum SegmentKind {
    /** Text of a row. */
    CONTEXT,
    /** Fixed words of the pattern. */
    PROMPT,
    /** The word or words that stand for a label. */
    LABEL
}
