package io.github.gptmoe.eval.plot;

import java.util.List;

/** Transparent strips over a plot whose tooltips tell x, steps and the values there; works without any script. */
final class HoverColumns {
    private static final int COLUMNS = 96;

    private final Plot plot;
    private final Frame frame;
    private final int[] next;

    private HoverColumns(Plot plot, Frame frame) {
        this.plot = plot;
        this.frame = frame;
        this.next = new int[plot.curves().size()];
    }

    static void draw(Markup svg, Plot plot, Frame frame) {
        HoverColumns columns = new HoverColumns(plot, frame);
        for (int column = 0; column < COLUMNS; column++) {
            columns.draw(svg, column);
        }
    }

    private void draw(Markup svg, int column) {
        Scale x = frame.x();
        boolean last = column == COLUMNS - 1;
        double end = last ? Double.POSITIVE_INFINITY : x.value((column + 1.0) / COLUMNS);
        StringBuilder text = new StringBuilder();
        List<Curve> curves = plot.curves();
        for (int i = 0; i < curves.size(); i++) {
            int shown = lastBefore(end, i);
            if (shown >= 0) {
                text.append(text.isEmpty() ? "" : "\n").append(said(curves.get(i), shown));
            }
        }
        if (!text.isEmpty()) {
            double width = (double) frame.width() / COLUMNS;
            svg.open(
                    "rect",
                    "class",
                    "hover",
                    "x",
                    NumberText.pixels(frame.left() + column * width),
                    "y",
                    String.valueOf(frame.top()),
                    "width",
                    NumberText.pixels(width),
                    "height",
                    String.valueOf(frame.height()));
            svg.element("title", text.toString()).close();
        }
    }

    /** The last point with a value before the end of the column, -1 if the column has none. */
    private int lastBefore(double end, int curve) {
        Points points = plot.curves().get(curve).points();
        int found = -1;
        while (next[curve] < points.size() && points.x(next[curve]) < end) {
            if (frame.shows(points, next[curve])) {
                found = next[curve];
            }
            next[curve]++;
        }
        return found;
    }

    private String said(Curve curve, int index) {
        double x = curve.points().x(index);
        String second = Double.isFinite(curve.secondPerX())
                ? ", " + NumberText.grouped(Math.round(x * curve.secondPerX())) + " " + plot.secondName()
                : "";
        String raw = curve.style() == Curve.Style.RAW ? " raw " : " ";
        return curve.name() + raw + NumberText.brief(curve.points().y(index)) + " at " + NumberText.brief(x) + " "
                + plot.xName() + second;
    }
}
