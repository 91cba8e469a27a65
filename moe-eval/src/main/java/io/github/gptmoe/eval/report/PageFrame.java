package io.github.gptmoe.eval.report;

import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.plot.PlotSvg;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What all pages share: HTML that is well-formed XML too, with the style sheets inside and nothing to load. */
public final class PageFrame {
    private PageFrame() {}

    /**
     * Opens a page up to its heading; two {@link Markup#close} end it.
     *
     * @param page empty
     * @param title of the page, and its heading
     */
    public static void open(Markup page, String title) {
        page.raw("<!DOCTYPE html>\n");
        page.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8");
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.element("title", title);
        page.element("style", sheet() + PlotSvg.style()).close();
        page.open("body").element("h1", title);
    }

    private static String sheet() {
        try (InputStream sheet = Objects.requireNonNull(PageFrame.class.getResourceAsStream("report.css"))) {
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
