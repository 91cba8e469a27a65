package io.github.gptmoe.eval.plot;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes XML: elements are closed in order, and names with special or forbidden characters stay text. */
public final class Markup {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins an empty document. */
    public Markup() {}

    /**
     * Begins an element.
     *
     * @param name its name
     * @param attributes names and values in turn
     * @return this
     */
    public Markup open(String name, String... attributes) {
        tag(name, attributes);
        out.append('>');
        open.push(name);
        return this;
    }

    /**
     * Ends the innermost element.
     *
     * @return this
     */
    public Markup close() {
        out.append("</").append(open.pop()).append(">\n");
        return this;
    }

    /**
     * Writes an element without content.
     *
     * @param name its name
     * @param attributes names and values in turn
     * @return this
     */
    public Markup empty(String name, String... attributes) {
        tag(name, attributes);
        out.append("/>\n");
        return this;
    }

    /**
     * Writes an element that holds text.
     *
     * @param name its name
     * @param text any characters
     * @param attributes names and values in turn
     * @return this
     */
    public Markup element(String name, String text, String... attributes) {
        return open(name, attributes).text(text).close();
    }

    /**
     * Writes text.
     *
     * @param text any characters
     * @return this
     */
    public Markup text(String text) {
        escape(text);
        return this;
    }

    /**
     * Writes what is markup already.
     *
     * @param markup well-formed
     * @return this
     */
    public Markup raw(String markup) {
        out.append(markup);
        return this;
    }

    private void tag(String name, String[] attributes) {
        out.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
    }

    private void escape(String text) {
        text.codePoints().forEach(codePoint -> {
            switch (codePoint) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> out.appendCodePoint(isXml(codePoint) ? codePoint : 0xFFFD);
            }
        });
    }

    /** XML forbids most control characters and lone surrogates, even escaped; file names may hold them. */
    private static boolean isXml(int codePoint) {
        return codePoint == '\t'
                || codePoint == '\n'
                || codePoint == '\r'
                || (codePoint >= 0x20 && codePoint <= 0xD7FF)
                || (codePoint >= 0xE000 && codePoint <= 0xFFFD)
                || codePoint >= 0x10000;
    }

    /**
     * The document.
     *
     * @return its text
     * @throws IllegalStateException if an element is still open
     */
    public String finish() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
    }
}
