package io.github.gptmoe.eval.scoring;

/** How much of a filled-in text is scored. What is not asked for is not computed. */
public enum ScoreParts {
    /** The candidate alone, given what stands before it. What stands behind it is not looked at. */
    LABEL,
    /** The candidate and everything behind it, given what stands before it. */
    TAIL,
    /** The whole text after its first token. */
    TEXT
}
