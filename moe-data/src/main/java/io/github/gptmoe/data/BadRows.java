package io.github.gptmoe.data;

/** What to do with a row that cannot be read: invalid UTF-8, broken JSON, no {@code text}, too long. */
public enum BadRows {
    /** Stop at the first one. */
    FAIL,
    /** Leave it out, count it, and stop when more than one row in a thousand is bad. */
    SKIP;

    static BadRows of(String name) {
        return switch (name) {
            case "fail" -> FAIL;
            case "skip" -> SKIP;
            default ->
                throw InputException.configuration(
                        "data.badRows: \"" + name + "\" is unknown; use \"fail\" or \"skip\"");
        };
    }
}
