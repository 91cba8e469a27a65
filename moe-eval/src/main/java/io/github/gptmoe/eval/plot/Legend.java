package io.github.gptmoe.eval.plot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which colour is which curve: rows of names above the drawing area, none where there is one name only. */
final class Legend {
    static final int ROW = 18;
    private static final int LONGEST = 40;
    private static final int SAMPLE = 22;
    private static final int GAP = 16;

    /** An entry at its place; row from 0. */
    private record Entry(Curve curve, int x, int row) {}

    private final List<Entry> entries = new ArrayList<>();
    private int rows;

    Legend(List<Curve> curves, int left, int right) {
        Map<String, Curve> byName = new LinkedHashMap<>();
        curves.stream()
                .filter(curve -> curve.style() != Curve.Style.RAW)
                .forEach(curve -> byName.putIfAbsent(curve.name(), curve));
        if (byName.size() < 2) {
            return;
        }
        int x = left;
        rows = 1;
        for (Curve curve : byName.values()) {
            int width = SAMPLE + textWidth(shortened(curve.name())) + GAP;
            if (x > left && x + width > right) {
                x = left;
                rows++;
            }
            entries.add(new Entry(curve, x, rows - 1));
            x += width;
        }
    }

    int height() {
        return rows * ROW;
    }

    void draw(Markup svg, int top) {
        for (Entry entry : entries) {
            int middle = top + entry.row() * ROW + ROW / 2;
            svg.empty(
                    "path",
                    "class",
                    "curve " + PlotSvg.colour(entry.curve().colour()),
                    "d",
                    "M" + entry.x() + "," + middle + "h" + (SAMPLE - 6));
            svg.open("text", "x", String.valueOf(entry.x() + SAMPLE), "y", String.valueOf(middle + 4));
            svg.element("title", entry.curve().name());
            svg.text(shortened(entry.curve().name())).close();
        }
    }

    private static String shortened(String name) {
        int[] codePoints = name.codePoints().toArray();
        return codePoints.length <= LONGEST ? name : new String(codePoints, 0, LONGEST - 1) + "…";
    }

    /** An estimate for a font of 12 pixels: SVG cannot measure before it is shown. */
    static int textWidth(String text) {
        return text.codePoints().map(codePoint -> codePoint < 0x2E80 ? 7 : 12).sum();
    }
}
