package io.github.gptmoe.eval.plot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Draws a plot. */
public final class PlotSvg {
    static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private static final int WIDTH = 640;
    private static final int HEIGHT = 250;
    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int TITLE = 44;
    private static final int BELOW = 52;
    private static final int COLOURS = 8;
    private static final int MOST_X_TICKS = 7;
    private static final int MOST_Y_TICKS = 6;

    private final Markup svg = new Markup();
    private final Plot plot;
    private final Legend legend;
    private final Frame frame;

    private PlotSvg(Plot plot) {
        this.plot = plot;
        this.legend = new Legend(plot.curves(), LEFT, WIDTH - RIGHT);
        this.frame = new Frame(
                plot.xScale(MOST_X_TICKS),
                plot.yScale(MOST_Y_TICKS),
                LEFT,
                TITLE + legend.height(),
                WIDTH - LEFT - RIGHT,
                HEIGHT);
    }

    /**
     * An element to put into a page that has {@link #style}.
     *
     * @param plot what is drawn
     * @return an {@code svg} element
     */
    public static String element(Plot plot) {
        return new PlotSvg(plot).drawn("");
    }

    /**
     * A file of its own, for documents.
     *
     * @param plot what is drawn
     * @return a whole SVG document
     */
    public static String file(Plot plot) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + new PlotSvg(plot).drawn(style());
    }

    /**
     * How plots look: a style sheet for both light and dark surroundings.
     *
     * @return CSS without characters that XML would escape
     */
    public static String style() {
        try (InputStream sheet = Objects.requireNonNull(PlotSvg.class.getResourceAsStream("plot.css"))) {
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * A short line in the colour of a curve, for the legend of a page that has {@link #style}.
     *
     * @param colour number of the colour, from 0
     * @return an {@code svg} element
     */
    public static String sample(int colour) {
        return new Markup()
                .open("svg", "xmlns", NAMESPACE, "class", "plot", "width", "28", "height", "10")
                .empty("path", "class", "curve " + colour(colour), "d", "M1,5h26")
                .close()
                .finish();
    }

    /** Class names of a colour; beyond the eighth they repeat with dashes. */
    static String colour(int number) {
        int turn = number / COLOURS;
        return "c" + number % COLOURS + (turn == 0 ? "" : " dash" + (turn - 1) % 2);
    }

    private String drawn(String style) {
        int height = frame.bottom() + BELOW;
        svg.open(
                "svg",
                "xmlns",
                NAMESPACE,
                "class",
                "plot",
                "viewBox",
                "0 0 " + WIDTH + " " + height,
                "width",
                String.valueOf(WIDTH),
                "height",
                String.valueOf(height),
                "role",
                "img");
        svg.element("title", plot.title());
        if (!style.isEmpty()) {
            svg.element("style", style);
        }
        svg.empty("rect", "class", "paper", "width", "100%", "height", "100%");
        text(LEFT, 18, "start", "heading", plot.title());
        text(LEFT, 35, "start", "unit", plot.unit());
        legend.draw(svg, TITLE);
        axes();
        plot.levels().forEach(this::level);
        plot.curves().forEach(this::curve);
        HoverColumns.draw(svg, plot, frame);
        return svg.close().finish();
    }

    private void text(double x, double y, String anchor, String style, String text) {
        SvgText.draw(svg, x, y, anchor, style, text);
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        String path = "M" + NumberText.pixels(x1) + "," + NumberText.pixels(y1) + "L" + NumberText.pixels(x2) + ","
                + NumberText.pixels(y2);
        svg.empty("path", "class", style, "d", path);
    }

    private void axes() {
        Scale y = frame.y();
        for (int i = 0; i < y.ticks().size(); i++) {
            double at = frame.atY(y.ticks().get(i));
            line("grid", frame.left(), at, frame.right(), at);
            text(frame.left() - 6, at + 4, "end", "tick", y.labels().get(i));
        }
        Scale x = frame.x();
        double second = plot.secondPerX();
        for (int i = 0; i < x.ticks().size(); i++) {
            double tick = x.ticks().get(i);
            line("grid", frame.atX(tick), frame.top(), frame.atX(tick), frame.bottom());
            text(
                    frame.atX(tick),
                    frame.bottom() + 16,
                    "middle",
                    "tick",
                    x.labels().get(i));
            if (Double.isFinite(second)) {
                text(frame.atX(tick), frame.bottom() + 32, "middle", "second", NumberText.whole(tick * second));
            }
        }
        line("frame", frame.left(), frame.bottom(), frame.right(), frame.bottom());
        String names = plot.xName() + (Double.isFinite(second) ? " (above), " + plot.secondName() + " (below)" : "");
        text(frame.right(), frame.bottom() + 47, "end", "unit", names);
    }

    private void level(Level level) {
        double at = frame.atY(level.value());
        line("level", frame.left(), at, frame.right(), at);
        text(frame.right() - 4, at - 4, "end", "note", level.name() + " " + NumberText.brief(level.value()));
    }

    private void curve(Curve curve) {
        Points points = frame.x().logarithmic()
                ? curve.points()
                : curve.points().thinned(frame.x().low(), frame.x().high(), frame.width());
        StringBuilder path = new StringBuilder();
        boolean down = false;
        for (int i = 0; i < points.size(); i++) {
            boolean shown = frame.shows(points, i);
            if (shown) {
                String place =
                        NumberText.pixels(frame.atX(points.x(i))) + "," + NumberText.pixels(frame.atY(points.y(i)));
                boolean alone = !down && (i + 1 == points.size() || !frame.shows(points, i + 1));
                path.append(down ? 'L' : 'M').append(place);
                if (alone || curve.style() == Curve.Style.MARKED) {
                    mark(curve, place);
                }
            }
            down = shown;
        }
        if (!path.isEmpty()) {
            String style = curve.style() == Curve.Style.RAW ? "curve raw " : "curve ";
            svg.empty("path", "class", style + colour(curve.colour()), "d", path.toString());
        }
    }

    /** A dot: a short line with round ends, so that it takes the colour of its curve. */
    private void mark(Curve curve, String place) {
        svg.empty("path", "class", "mark " + colour(curve.colour()), "d", "M" + place + "h0.01");
    }
}
