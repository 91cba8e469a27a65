package io.github.gptmoe.eval.plot;

/**
 * Where the drawing area of a plot lies, and which value is where in it; y grows downwards as in all graphics.
 *
 * @param x horizontal axis
 * @param y vertical axis
 * @param left pixels
 * @param top pixels
 * @param width pixels
 * @param height pixels
 */
record Frame(Scale x, Scale y, int left, int top, int width, int height) {
    double atX(double value) {
        return left + x.fraction(value) * width;
    }

    double atY(double value) {
        return top + (1 - y.fraction(value)) * height;
    }

    /** Whether a point can be drawn. */
    boolean shows(Points points, int index) {
        return x.shows(points.x(index)) && y.shows(points.y(index));
    }

    int right() {
        return left + width;
    }

    int bottom() {
        return top + height;
    }
}
