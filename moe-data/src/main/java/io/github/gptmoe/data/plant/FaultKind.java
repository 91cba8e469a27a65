package io.github.gptmoe.data.plant;

import java.util.Locale;

/** What can be wrong with a planted document. */
public enum FaultKind {
    /** Another copy of a document, half of them with other punctuation and spaces. */
    EXACT(""),
    /** Another copy in which some characters are replaced, taken out or put in. */
    NEAR(""),
    /** Tags, a comment, a script and character references. */
    HTML("html"),
    /** Read as GBK by Java, which leaves marks where bytes do not pair. */
    GBK("encoding"),
    /** Read as GB18030, as browsers do. */
    GB18030("encoding"),
    /** Read as Windows-1252. */
    LATIN("encoding"),
    /** A line for a web address, a mail address and a telephone number. */
    CONTACT("masks"),
    /** A sentence many times. */
    REPEATED("repetition"),
    /** A text of evaluation data in the middle. */
    EVALUATION("");

    private final String rule;

    FaultKind(String rule) {
        this.rule = rule;
    }

    /**
     * The rule that should act on it.
     *
     * @return a key of the cleaning configuration; empty for what deduplication finds
     */
    public String rule() {
        return rule;
    }

    /**
     * Its name in files.
     *
     * @return lower case
     */
    public String written() {
        return name().toLowerCase(Locale.ROOT);
    }
}
