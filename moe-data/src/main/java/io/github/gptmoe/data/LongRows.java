package io.github.gptmoe.data;

/** What to do with a row that is longer than the limit. */
public enum LongRows {
    /** It is a bad row. */
    REFUSE,
    /** Its text ends at the limit, between two characters; what comes behind is read and dropped. */
    CUT
}
