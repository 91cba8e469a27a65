package io.github.gptmoe.data;

import java.io.Serializable;
import java.math.BigDecimal;

/**
 * What bad rows lead to.
 *
 * @param action what is done with one
 * @param maxShare the largest share of all rows that may be bad, from 0 to 1
 * @param whenOne the remedy that a failure at the first bad row names
 * @param whenMany the remedy that a failure for too many names
 */
public record BadRowPolicy(BadRows action, double maxShare, String whenOne, String whenMany) implements Serializable {
    /** The largest share, unless another is asked for. */
    public static final double USUAL_SHARE = 0.001;

    /** That of a run's text. */
    static BadRowPolicy ofTraining(BadRows action) {
        return new BadRowPolicy(
                action,
                USUAL_SHARE,
                "Repair the line, or set data.badRows (--bad-rows of a command) to \"skip\" to leave out a few such rows",
                "Repair the files: this is no accident of a few rows");
    }

    /**
     * That of a command.
     *
     * @param action what is done with a bad row
     * @param maxShare the largest share of all rows that may be bad, from 0 to 1
     * @return the policy, whose remedies name options
     */
    public static BadRowPolicy ofCommand(BadRows action, double maxShare) {
        return new BadRowPolicy(
                action,
                maxShare,
                "Repair the line, or leave out a few such rows with --bad-rows skip or quarantine",
                "Repair the files, or allow more with --max-bad-share");
    }

    boolean isExceeded(long bad, long rows) {
        // A quotient is the double nearest to the true one, so a share of exactly 1/1000 is not above 0.001.
        return rows > 0 && (double) bad / rows > maxShare;
    }

    /** For a message. */
    String limit() {
        return maxShare == USUAL_SHARE
                ? "one in a thousand"
                : new BigDecimal(Double.toString(maxShare))
                                .movePointRight(2)
                                .stripTrailingZeros()
                                .toPlainString()
                        + " %";
    }
}
