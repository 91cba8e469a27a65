package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.eval.adapt.TermLosses.Term;
import java.util.List;
import java.util.Locale;

/** The terms of the loss before and after an adaptation, as rows of cells. */
final class TermTable {
    private TermTable() {}

    /** What the losses were measured on. */
    static String title(AdaptationReport report) {
        return "loss on " + (report.heldOut() ? "held-out text" : "the training's own text, too short to hold any out")
                + ", nats a token";
    }

    /** A heading and a row for each term. */
    static List<List<String>> rows(AdaptationReport report) {
        TermLosses before = report.before().losses();
        TermLosses after = report.after().losses();
        return List.of(
                List.of("term", "tokens", "before", "after", "difference"),
                row("context", before.context(), after.context()),
                row("prompt", before.prompt(), after.prompt()),
                row("pseudo label", before.label(), after.label()));
    }

    static String text(AdaptationReport report) {
        StringBuilder text = new StringBuilder(title(report)).append('\n');
        for (List<String> row : rows(report)) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-12s %10s %9s %9s %11s%n",
                    row.get(0),
                    row.get(1),
                    row.get(2),
                    row.get(3),
                    row.get(4)));
        }
        return text.toString();
    }

    private static List<String> row(String name, Term before, Term after) {
        return List.of(
                name,
                String.format(Locale.ROOT, "%,d", before.tokens()),
                number("%.4f", before.loss()),
                number("%.4f", after.loss()),
                number("%+.4f", after.loss() - before.loss()));
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }
}
