package io.github.gptmoe.eval.english;

import io.github.gptmoe.eval.task.Interval;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A result as text for a terminal. */
public final class EnglishText {
    private EnglishText() {}

    /**
     * Two lines: what was asked, and what came out.
     *
     * @param result of a task
     * @return lines, each ended
     */
    public static String of(EnglishResult result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s, %s: %d questions, rule %s, %.1f s, %.1f questions/s",
                result.task(),
                result.split(),
                result.n(),
                result.rule(),
                result.seconds(),
                result.promptsPerSecond()));
        if (result.cutRows() > 0) {
            text.append(", ").append(result.cutRows()).append(" contexts cut to fit the model");
        }
        if (result.cutCandidates() > 0) {
            text.append(", ").append(result.cutCandidates()).append(" candidates too");
        }
        text.append("\naccuracy ").append(share(result.accuracy(), result.interval()));
        if (Double.isFinite(result.accuracyPerCharacter())) {
            text.append(", per character ").append(share(result.accuracyPerCharacter(), result.intervalPerCharacter()));
        }
        if (!Double.isNaN(result.perplexity())) {
            text.append(String.format(Locale.ROOT, ", perplexity %.4g", result.perplexity()));
        }
        if (Double.isFinite(result.baselines().majority())) {
            text.append(String.format(
                    Locale.ROOT,
                    "; always '%s' %.1f, random %.1f",
                    result.baselines().majorityLabel(),
                    100 * result.baselines().majority(),
                    100 * result.baselines().random()));
        }
        return text.append('\n').toString();
    }

    private static String share(double share, @Nullable Interval interval) {
        String value = String.format(Locale.ROOT, "%.1f %%", 100 * share);
        return interval == null
                ? value
                : value
                        + String.format(
                                Locale.ROOT, " (95 %%: %.1f to %.1f)", 100 * interval.low(), 100 * interval.high());
    }
}
