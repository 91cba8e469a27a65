package io.github.gptmoe.eval.plot;

/** Words in a drawing. */
final class SvgText {
    private SvgText() {}

    /** Draws at a place in pixels; {@code anchor} is the SVG word for the side of the text that stands there. */
    static void draw(Markup svg, double x, double y, String anchor, String style, String text) {
        svg.element(
                "text",
                text,
                "class",
                style,
                "x",
                NumberText.pixels(x),
                "y",
                NumberText.pixels(y),
                "text-anchor",
                anchor);
    }
}
