package io.github.gptmoe.data.task;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A pattern with everything filled in but the label.
 *
 * @param before what stands before the label, examples included; none of it is empty
 * @param after what stands after it
 * @param cutCharacters how many characters were cut from the row's texts to make it fit
 * @param leftOutExamples how many examples did not fit
 */
public record FilledPrompt(
        List<PromptSegment> before, List<PromptSegment> after, int cutCharacters, int leftOutExamples) {
    /**
     * Copies the lists.
     *
     * @param before segments before the label
     * @param after segments after the label
     * @param cutCharacters characters cut
     * @param leftOutExamples examples left out
     */
    public FilledPrompt {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /**
     * Fills in the label.
     *
     * @param word what to write for it
     * @return all segments in order
     */
    public List<PromptSegment> withLabel(String word) {
        List<PromptSegment> segments = new ArrayList<>(before);
        segments.add(new PromptSegment(SegmentKind.LABEL, word));
        segments.addAll(after);
        return segments;
    }

    /**
     * The prompt as people read it.
     *
     * @param word what to write for the label
     * @return one text
     */
    public String text(String word) {
        return withLabel(word).stream().map(PromptSegment::text).collect(Collectors.joining());
    }
}
