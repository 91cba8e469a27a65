package io.github.gptmoe.eval.plot;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Shares as horizontal bars with their intervals, beside levels and the shares of others. */
public final class BarRows {
    private static final int WIDTH = 900;
    private static final int RIGHT = 24;
    private static final int ROW = 30;
    private static final int BAR = 14;
    private static final int LEGEND_ROW = 18;
    private static final int GAP = 16;

    private final Markup svg = new Markup();
    private final List<BarRow> rows;
    private final List<String> levels;
    private final List<String> dots;
    private final int left;

    private BarRows(List<BarRow> rows) {
        this.rows = rows;
        this.levels = names(rows.stream().flatMap(row -> row.levels().stream()));
        this.dots = names(rows.stream().flatMap(row -> row.dots().stream()));
        this.left = 12
                + rows.stream()
                        .mapToInt(row -> Legend.textWidth(row.name()))
                        .max()
                        .orElse(0);
    }

    private static List<String> names(Stream<Level> all) {
        Set<String> names = new LinkedHashSet<>();
        all.filter(level -> Double.isFinite(level.value())).forEach(level -> names.add(level.name()));
        return List.copyOf(names);
    }

    /**
     * Draws bars for a page that has {@link PlotSvg#style}.
     *
     * @param title for readers who do not see it
     * @param rows from top to bottom
     * @return an {@code svg} element; nothing for no rows
     */
    public static String element(String title, List<BarRow> rows) {
        return rows.isEmpty() ? "" : new BarRows(rows).drawn(title);
    }

    private String drawn(String title) {
        List<List<Integer>> legend = legend();
        int top = 10 + legend.size() * LEGEND_ROW;
        int bottom = top + rows.size() * ROW;
        String box = "0 0 " + WIDTH + " " + (bottom + 24);
        svg.open("svg", "xmlns", PlotSvg.NAMESPACE, "class", "plot", "viewBox", box, "role", "img");
        svg.element("title", title);
        svg.empty("rect", "class", "paper", "width", "100%", "height", "100%");
        drawLegend(legend);
        for (int percent = 0; percent <= 100; percent += 10) {
            double x = x(percent / 100.0);
            path("grid", x, top, "V" + bottom);
            text(x, bottom + 16, "middle", "tick", percent + " %");
        }
        for (int i = 0; i < rows.size(); i++) {
            row(rows.get(i), top + i * ROW);
        }
        return svg.close().finish();
    }

    private void row(BarRow row, int top) {
        double middle = top + ROW / 2.0;
        text(left - 6, middle + 4, "end", "name", row.name());
        svg.open("g").element("title", said(row));
        rect("hover", left, top, WIDTH - left - RIGHT, ROW);
        rect("bar", left, middle - BAR / 2.0, x(row.value()) - left, BAR);
        path("whisker", x(row.low()), middle - 4, "v8m0,-4H" + NumberText.pixels(x(row.high())) + "m0,-4v8");
        for (Level level : row.levels()) {
            if (Double.isFinite(level.value())) {
                String style = "curve " + PlotSvg.colour(1 + levels.indexOf(level.name()));
                path(style, x(level.value()), middle - BAR / 2.0 - 3, "v" + (BAR + 6));
            }
        }
        for (Level dot : row.dots()) {
            if (Double.isFinite(dot.value())) {
                String style = "mark " + PlotSvg.colour(1 + levels.size() + dots.indexOf(dot.name()));
                path(style, x(dot.value()), middle, "h0.01");
            }
        }
        svg.close();
    }

    private static String said(BarRow row) {
        StringBuilder said = new StringBuilder(row.name() + " " + percent(row.value()) + ", 95 %: " + percent(row.low())
                + " to " + percent(row.high()));
        Stream.concat(row.levels().stream(), row.dots().stream())
                .filter(level -> Double.isFinite(level.value()))
                .forEach(level ->
                        said.append('\n').append(level.name()).append(' ').append(percent(level.value())));
        return said.toString();
    }

    private void rect(String style, double x, double y, double width, double height) {
        svg.empty(
                "rect",
                "class",
                style,
                "x",
                NumberText.pixels(x),
                "y",
                NumberText.pixels(y),
                "width",
                NumberText.pixels(width),
                "height",
                NumberText.pixels(height));
    }

    /** Entries in rows: levels come first, dots after them. */
    private List<List<Integer>> legend() {
        List<List<Integer>> lines = new ArrayList<>();
        int x = WIDTH;
        for (int i = 0; i < levels.size() + dots.size(); i++) {
            int width = entryWidth(i);
            if (x + width > WIDTH - RIGHT) {
                lines.add(new ArrayList<>());
                x = left;
            }
            lines.get(lines.size() - 1).add(i);
            x += width;
        }
        return lines;
    }

    private String entry(int i) {
        return i < levels.size() ? levels.get(i) : dots.get(i - levels.size());
    }

    private int entryWidth(int i) {
        return 14 + Legend.textWidth(entry(i)) + GAP;
    }

    private void drawLegend(List<List<Integer>> legend) {
        for (int line = 0; line < legend.size(); line++) {
            double middle = 6 + line * LEGEND_ROW + LEGEND_ROW / 2.0;
            double x = left;
            for (int i : legend.get(line)) {
                if (i < levels.size()) {
                    path("curve " + PlotSvg.colour(i + 1), x + 4, middle - 6, "v12");
                } else {
                    path("mark " + PlotSvg.colour(i + 1), x + 4, middle, "h0.01");
                }
                text(x + 14, middle + 4, "start", "name", entry(i));
                x += entryWidth(i);
            }
        }
    }

    private double x(double share) {
        return left + share * (WIDTH - left - RIGHT);
    }

    private void path(String style, double x, double y, String rest) {
        String d = "M" + NumberText.pixels(x) + "," + NumberText.pixels(y) + rest;
        svg.empty("path", "class", style, "d", d);
    }

    private void text(double x, double y, String anchor, String style, String text) {
        SvgText.draw(svg, x, y, anchor, style, text);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
