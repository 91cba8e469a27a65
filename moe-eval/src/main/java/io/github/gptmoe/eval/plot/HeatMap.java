package io.github.gptmoe.eval.plot;

import java.util.List;
import java.util.Locale;

/** A confusion matrix: a square for each pair of labels, the darker the larger its share of the row. */
public final class HeatMap {
    private static final int MOST_NAMED = 20;
    private static final int NAMED_CELL = 30;
    private static final int LARGEST_SIDE = 760;
    private static final int TOP = 34;
    private static final int HEADING = 340; // width that the heading needs
    private static final double SLANT = 0.8; // sine of the angle of names below the columns, rounded up

    private final Markup svg = new Markup();
    private final List<String> names;
    private final List<List<Integer>> counts;
    private final boolean named;
    private final int cell;
    private final int left;

    private HeatMap(List<String> names, List<List<Integer>> counts) {
        this.names = names;
        this.counts = counts;
        this.named = names.size() <= MOST_NAMED;
        this.cell = named ? NAMED_CELL : Math.max(5, LARGEST_SIDE / names.size());
        this.left = named ? 12 + widest() : 14;
    }

    /**
     * Draws a matrix for a page that has {@link PlotSvg#style}. Names are written beside up to {@value #MOST_NAMED} labels;
     * of more, the tooltips of squares tell.
     *
     * @param title heading
     * @param names of the labels
     * @param counts of each pair: rows are what is right, columns what was given
     * @return an {@code svg} element
     */
    public static String element(String title, List<String> names, List<List<Integer>> counts) {
        return new HeatMap(names, counts).drawn(title);
    }

    private int widest() {
        return names.stream().mapToInt(Legend::textWidth).max().orElse(0);
    }

    private String drawn(String title) {
        int side = cell * names.size();
        int width = left + Math.max(HEADING, side + (named ? (int) (widest() * SLANT) : 0) + 14);
        int height = TOP + side + (named ? 20 + (int) (widest() * SLANT) : 14);
        svg.open(
                "svg",
                "xmlns",
                PlotSvg.NAMESPACE,
                "class",
                "plot",
                "viewBox",
                "0 0 " + width + " " + height,
                "width",
                String.valueOf(width),
                "height",
                String.valueOf(height),
                "role",
                "img");
        svg.element("title", title);
        rect("paper", 0, 0, width, height, "1").close();
        text(left, 14, "heading", title, "");
        text(left, 28, "unit", "row: right label, column: label given; share of the row", "");
        for (int gold = 0; gold < names.size(); gold++) {
            row(gold);
        }
        svg.empty("path", "class", "frame", "d", "M" + left + "," + TOP + "h" + side + "v" + side + "h" + -side + "z");
        if (named) {
            for (int label = 0; label < names.size(); label++) {
                names(label, side);
            }
        }
        return svg.close().finish();
    }

    private void row(int gold) {
        int all = counts.get(gold).stream().mapToInt(Integer::intValue).sum();
        for (int given = 0; given < names.size(); given++) {
            int count = counts.get(gold).get(given);
            if (count > 0) {
                double share = (double) count / all;
                int x = left + given * cell;
                int y = TOP + gold * cell;
                // From a tenth, so that a single row of many is seen.
                String opacity = NumberText.pixels(0.1 + 0.9 * share);
                rect(gold == given ? "right" : "wrong", x, y, cell, cell, opacity);
                svg.element("title", said(gold, given, count, share)).close();
                if (named) {
                    svg.element(
                            "text",
                            String.valueOf(count),
                            "class",
                            "count",
                            "x",
                            String.valueOf(x + cell / 2),
                            "y",
                            String.valueOf(y + cell / 2 + 4),
                            "text-anchor",
                            "middle");
                }
            }
        }
    }

    private String said(int gold, int given, int count, double share) {
        String rest = String.format(Locale.ROOT, ": %d (%.1f %% of the row)", count, 100 * share);
        return (gold == given ? names.get(gold) + ", right" : names.get(gold) + " taken for " + names.get(given))
                + rest;
    }

    private void names(int label, int side) {
        int middle = label * cell + cell / 2;
        svg.element(
                "text",
                names.get(label),
                "class",
                "tick",
                "x",
                String.valueOf(left - 6),
                "y",
                String.valueOf(TOP + middle + 4),
                "text-anchor",
                "end");
        int x = left + middle - 4;
        int y = TOP + side + 12;
        text(x, y, "tick", names.get(label), "rotate(45 " + x + " " + y + ")");
    }

    private Markup rect(String style, int x, int y, int width, int height, String opacity) {
        return svg.open(
                "rect",
                "class",
                style,
                "x",
                String.valueOf(x),
                "y",
                String.valueOf(y),
                "width",
                String.valueOf(width),
                "height",
                String.valueOf(height),
                "fill-opacity",
                opacity);
    }

    private void text(int x, int y, String style, String text, String transform) {
        svg.element(
                "text",
                text,
                "class",
                style,
                "x",
                String.valueOf(x),
                "y",
                String.valueOf(y),
                "transform",
                transform.isEmpty() ? "rotate(0)" : transform);
    }
}
