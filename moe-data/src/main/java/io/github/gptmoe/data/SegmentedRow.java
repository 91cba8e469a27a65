package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A row of a segments file and the place it came from.
 *
 * @param file the file
 * @param line its line, from 1
 * @param segments at least one
 * @param weight how much the example counts
 */
record SegmentedRow(Path file, long line, List<Segment> segments, double weight) {
    /** What a segment is to the task. */
    enum Kind {
        CONTEXT,
        PROMPT,
        LABEL
    }

    /** A piece of the example's text, which is not empty. */
    record Segment(Kind kind, String text) {}

    /** What decides whether an example is held out: its text without labels, so that no text is on both sides with two labels. */
    String textWithoutLabels() {
        String text = segments.stream()
                .filter(segment -> segment.kind() != Kind.LABEL)
                .map(Segment::text)
                .collect(Collectors.joining());
        return text.isEmpty() ? text() : text;
    }

    /** All text. */
    String text() {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }

    /** Names the place, to begin a message with. */
    String place() {
        return place(file, line);
    }

    static String place(Path file, long line) {
        return file + ", line " + line + ": ";
    }
}
