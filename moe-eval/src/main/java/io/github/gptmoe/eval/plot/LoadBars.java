package io.github.gptmoe.eval.plot;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The shares of the tokens that experts get, as bars; a line marks the even share. */
public final class LoadBars {
    private static final int HEIGHT = 44;
    private static final int WIDEST_BAR = 20;
    private static final int WIDTH = 480;

    private LoadBars() {}

    /**
     * Draws bars for a page that has {@link PlotSvg#style}.
     *
     * @param shares share of each expert, adding up to 1
     * @return an {@code svg} element; nothing for no experts
     */
    public static String element(List<Double> shares) {
        if (shares.isEmpty()) {
            return "";
        }
        double bar = Math.min(WIDEST_BAR, (double) WIDTH / shares.size());
        double even = 1.0 / shares.size();
        double largest = Math.max(Collections.max(shares), 2 * even);
        String width = NumberText.pixels(bar * shares.size());
        Markup svg = new Markup();
        svg.open(
                "svg",
                "xmlns",
                PlotSvg.NAMESPACE,
                "class",
                "bars",
                "viewBox",
                "0 0 " + width + " " + HEIGHT,
                "width",
                width,
                "height",
                String.valueOf(HEIGHT),
                "role",
                "img");
        for (int expert = 0; expert < shares.size(); expert++) {
            double height = shares.get(expert) / largest * HEIGHT;
            svg.open(
                    "rect",
                    "class",
                    "bar",
                    "x",
                    NumberText.pixels(expert * bar),
                    "y",
                    NumberText.pixels(HEIGHT - height),
                    "width",
                    NumberText.pixels(bar * 0.85),
                    "height",
                    NumberText.pixels(height));
            String said = String.format(Locale.ROOT, "expert %d: %.2f %%", expert, 100 * shares.get(expert));
            svg.element("title", said).close();
        }
        String line = "M0," + NumberText.pixels(HEIGHT - even / largest * HEIGHT) + "H" + width;
        return svg.empty("path", "class", "level", "d", line).close().finish();
    }
}
