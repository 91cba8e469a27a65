package io.github.gptmoe.data.clean;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jsoup.nodes.Entities;

/** One text with HTML in it. What is no HTML stays, so this is no parser: text of any kind may come. */
final class HtmlText {
    private static final int LONGEST_TAG = 4096;
    private static final int LONGEST_REFERENCE = 32;

    /** Windows-1252 from 0x80 to 0x9F, which the HTML standard takes for numbers in that range; 0 in its gaps. */
    private static final String WINDOWS = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

    private static final Set<String> LINES = Set.of(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "br",
            "center",
            "dd",
            "details",
            "dialog",
            "dir",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "head",
            "header",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "ol",
            "optgroup",
            "option",
            "p",
            "pre",
            "section",
            "summary",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "title",
            "tr",
            "ul");

    private static final Set<String> WORDS = Set.of(
            "a",
            "abbr",
            "acronym",
            "applet",
            "area",
            "audio",
            "b",
            "base",
            "basefont",
            "bdi",
            "bdo",
            "big",
            "button",
            "canvas",
            "caption",
            "cite",
            "code",
            "col",
            "colgroup",
            "del",
            "dfn",
            "em",
            "embed",
            "font",
            "frame",
            "frameset",
            "i",
            "iframe",
            "img",
            "input",
            "ins",
            "kbd",
            "label",
            "link",
            "map",
            "mark",
            "marquee",
            "meta",
            "meter",
            "noframes",
            "noscript",
            "object",
            "output",
            "param",
            "picture",
            "progress",
            "q",
            "rp",
            "rt",
            "ruby",
            "s",
            "samp",
            "select",
            "small",
            "source",
            "span",
            "strike",
            "strong",
            "sub",
            "sup",
            "svg",
            "template",
            "textarea",
            "time",
            "track",
            "tt",
            "u",
            "var",
            "video",
            "wbr");

    /** What is between their tags is no text. */
    private static final Set<String> CODE = Set.of("script", "style");

    private final String text;
    private final boolean references;
    private final StringBuilder out;
    private int at;

    /** What has no end from some place on has none from later places, so it is looked for once. */
    private final Set<String> endless = new HashSet<>();

    HtmlText(String text, boolean references) {
        this.text = text;
        this.references = references;
        this.out = new StringBuilder(text.length());
    }

    /** The text without HTML; the same object if there was none. */
    String plain() {
        boolean changed = false;
        while (at < text.length()) {
            char unit = text.charAt(at);
            if ((unit == '<' && markup()) || (unit == '&' && references && reference())) {
                changed = true;
            } else {
                out.append(unit);
                at++;
            }
        }
        return changed ? out.toString() : text;
    }

    /** Skips what begins here if it is markup. */
    private boolean markup() {
        if (text.startsWith("<!--", at)) {
            int end = endless.contains("-->") ? -1 : text.indexOf("-->", at + 4);
            return end >= 0 ? skipTo(end + 3) : isEndless("-->");
        }
        if (text.regionMatches(true, at, "<!doctype", 0, 9)) {
            int end = endOfTag(at + 9);
            return end >= 0 && skipTo(end);
        }
        return tag();
    }

    private boolean skipTo(int place) {
        at = place;
        return true;
    }

    private boolean isEndless(String end) {
        endless.add(end);
        return false;
    }

    private boolean tag() {
        boolean closing = at + 1 < text.length() && text.charAt(at + 1) == '/';
        int nameStart = at + (closing ? 2 : 1);
        int nameEnd = nameStart;
        while (nameEnd < text.length() && nameEnd - nameStart < LONGEST_REFERENCE && isNameUnit(text.charAt(nameEnd))) {
            nameEnd++;
        }
        String name = text.substring(nameStart, nameEnd).toLowerCase(Locale.ROOT);
        boolean line = LINES.contains(name);
        boolean code = CODE.contains(name);
        if (!line && !code && !WORDS.contains(name)) {
            return false;
        }
        int end = endOfTag(nameEnd);
        if (end < 0) {
            return false;
        }
        if (code && !closing) {
            int close = closingTag(name, end);
            end = close >= 0 ? close : end;
        }
        if (line || code) {
            out.append('\n');
        }
        return skipTo(end);
    }

    private static boolean isNameUnit(char unit) {
        return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') || (unit >= '0' && unit <= '9');
    }

    /**
     * Behind the {@code >} of a tag whose name has ended, quoted values respected; -1 if this is no tag. Outside of values a tag is
     * ASCII, so in prose about {@code sh <script} it does not go on to the next {@code >}.
     */
    private int endOfTag(int nameEnd) {
        char quote = 0;
        boolean value = false;
        int limit = Math.min(text.length(), at + LONGEST_TAG);
        for (int i = nameEnd; i < limit; i++) {
            char unit = text.charAt(i);
            boolean space = Character.isWhitespace(unit);
            if (i == nameEnd && unit != '>' && unit != '/' && !space) {
                return -1;
            }
            if (quote != 0) {
                quote = unit == quote ? 0 : quote;
                value = quote != 0;
            } else if (unit == '>') {
                return i + 1;
            } else if (unit == '<' || (unit > 0x7F && !value && !space)) {
                return -1;
            } else if ((unit == '"' || unit == '\'') && text.charAt(i - 1) == '=') {
                quote = unit;
            } else if (unit == '=' || (space && text.charAt(i - 1) != '=')) {
                value = unit == '=';
            }
        }
        return -1;
    }

    /** Behind the closing tag of an element, or -1. */
    private int closingTag(String name, int from) {
        if (endless.contains(name)) {
            return -1;
        }
        for (int i = text.indexOf("</", from); i >= 0; i = text.indexOf("</", i + 2)) {
            if (text.regionMatches(true, i + 2, name, 0, name.length())) {
                int end = text.indexOf('>', i);
                return end < 0 ? -1 : end + 1;
            }
        }
        endless.add(name);
        return -1;
    }

    /** Decodes the character reference that begins here. A semicolon is asked for, or {@code ?a=1&copy=2} would be one. */
    private boolean reference() {
        int end = at + 1;
        int limit = Math.min(text.length(), at + LONGEST_REFERENCE);
        while (end < limit && (isNameUnit(text.charAt(end)) || text.charAt(end) == '#')) {
            end++;
        }
        if (end >= limit || text.charAt(end) != ';' || end == at + 1) {
            return false;
        }
        String name = text.substring(at + 1, end);
        String decoded = name.charAt(0) == '#' ? numbered(name.substring(1)) : named(name);
        if (decoded.isEmpty()) {
            return false;
        }
        out.append(decoded);
        return skipTo(end + 1);
    }

    private static String named(String name) {
        return Entities.isNamedEntity(name) ? Entities.getByName(name) : "";
    }

    private static String numbered(String digits) {
        boolean hexadecimal = digits.startsWith("x") || digits.startsWith("X");
        String number = hexadecimal ? digits.substring(1) : digits;
        if (number.isEmpty()
                || number.length() > 7
                || !number.chars().allMatch(unit -> Character.digit(unit, hexadecimal ? 16 : 10) >= 0)) {
            return "";
        }
        int point = Integer.parseInt(number, hexadecimal ? 16 : 10);
        if (point >= 0x80 && point <= 0x9F) {
            point = WINDOWS.charAt(point - 0x80);
        }
        boolean character = point == '\t'
                || point == '\n'
                || point == '\r'
                || (point >= 0x20 && point <= Character.MAX_CODE_POINT && !(point >= 0xD800 && point <= 0xDFFF));
        return character ? Character.toString(point) : "";
    }
}
