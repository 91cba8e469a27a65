package io.github.gptmoe.data;

import java.util.Locale;

/** What to do with a row that cannot be read: invalid UTF-8, broken JSON, no {@code text}, too long. */
public enum BadRows {
    /** Stop at the first one. */
    FAIL,
    /** Leave it out, count it, and stop when more than a share of the rows is bad. */
    SKIP,
    /** As {@link #SKIP}, and write the row with its place and what is wrong with it to a file. */
    QUARANTINE;

    /** That of {@code data.badRows}. */
    static BadRows of(String name) {
        return switch (name) {
            case "fail" -> FAIL;
            case "skip" -> SKIP;
            case "quarantine" -> QUARANTINE;
            default ->
                throw InputException.configuration(
                        "data.badRows: \"" + name + "\" is unknown; use \"fail\", \"skip\" or \"quarantine\"");
        };
    }

    /**
     * As it is written in configurations and options.
     *
     * @return lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
