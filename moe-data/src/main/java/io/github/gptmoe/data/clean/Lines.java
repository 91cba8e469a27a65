package io.github.gptmoe.data.clean;

import java.util.ArrayList;
import java.util.List;

/** Lines of a text, divided by LF alone. */
final class Lines {
    private Lines() {}

    /** All lines, empty ones included, so that joining them by LF gives the text again. */
    static List<String> of(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            lines.add(text.substring(start, end));
            start = end + 1;
        }
        lines.add(text.substring(start));
        return lines;
    }

    /** Lines with something in them, without the space around them. */
    static List<String> filled(String text) {
        return of(text).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** What empty lines divide, without them. */
    static List<String> paragraphs(String text) {
        List<String> paragraphs = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        for (String line : of(text)) {
            if (!line.isBlank()) {
                paragraph.append(line.strip()).append('\n');
            } else if (!paragraph.isEmpty()) {
                paragraphs.add(paragraph.toString());
                paragraph.setLength(0);
            }
        }
        if (!paragraph.isEmpty()) {
            paragraphs.add(paragraph.toString());
        }
        return paragraphs;
    }
}
