package io.github.gptmoe.eval.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of cells as text for a terminal, or as Markdown: the first column to the left, the others to the right. */
final class TextTable {
    private static final int FIRST_WIDE = 0x2E80; // Chinese characters and their punctuation take two columns

    private final List<List<String>> rows = new ArrayList<>();

    /** The first row is the heading. */
    TextTable row(List<String> cells) {
        rows.add(List.copyOf(cells));
        return this;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        int[] widths = widths();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String pad = " ".repeat(widths[i] - width(row.get(i)));
                line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append('|');
            rows.get(i).forEach(cell -> text.append(' ').append(escaped(cell)).append(" |"));
            text.append('\n');
            if (i == 0) {
                text.append("|---|")
                        .append("---:|".repeat(rows.get(0).size() - 1))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String escaped(String cell) {
        return cell.replace("\\", "\\\\").replace("|", "\\|").replace('\n', ' ');
    }

    private int[] widths() {
        int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return widths;
    }

    static int width(String text) {
        return text.codePoints()
                .map(codePoint -> codePoint < FIRST_WIDE ? 1 : 2)
                .sum();
    }

    /** A share in percent, a dash for NaN. */
    static String percent(double share) {
        return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f", 100 * share) : "–";
    }

    /** Two shares in percent. */
    static String percent(Interval interval) {
        return percent(interval.low()) + " to " + percent(interval.high());
    }

    static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "–";
    }
}
