package io.github.gptmoe.data.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A pattern with texts for its slots, which can still be shortened. */
record PromptDraft(List<Part> parts) {
    /** Fixed words, or a slot, or (neither) the label. */
    private record Part(@Nullable String literal, @Nullable SlotText slot) {}

    static PromptDraft of(Task task, PatternPieces pieces, Function<TaskSlot, SlotText> texts) {
        List<Part> parts = new ArrayList<>();
        for (PatternPieces.Piece piece : pieces.pieces()) {
            if (piece.literal()) {
                parts.add(new Part(piece.text(), null));
            } else if (piece.isLabel()) {
                parts.add(new Part(null, null));
            } else {
                parts.add(new Part(null, texts.apply(task.slot(piece.text()).orElseThrow())));
            }
        }
        return new PromptDraft(parts);
    }

    /** The length of the longest slot in characters. */
    int longestSlot() {
        return parts.stream()
                .flatMap(part -> Optional.ofNullable(part.slot).stream())
                .mapToInt(SlotText::length)
                .max()
                .orElse(0);
    }

    /** Every slot with at most {@code limit} characters: the longest ones are shortened until they are equal. */
    FilledPrompt cut(int limit) {
        List<PromptSegment> before = new ArrayList<>();
        List<PromptSegment> after = new ArrayList<>();
        List<PromptSegment> side = before;
        int cut = 0;
        for (Part part : parts) {
            SlotText slot = part.slot;
            if (part.literal != null) {
                add(side, SegmentKind.PROMPT, part.literal);
            } else if (slot == null) {
                side = after;
            } else {
                SlotText kept = slot.cut(limit);
                cut += slot.length() - kept.length();
                add(side, SegmentKind.CONTEXT, kept.head());
                if (kept.tail() != null) {
                    side = after;
                    add(side, SegmentKind.CONTEXT, kept.tail());
                }
            }
        }
        return new FilledPrompt(before, after, cut, 0);
    }

    private static void add(List<PromptSegment> side, SegmentKind kind, String text) {
        if (!text.isEmpty()) {
            side.add(new PromptSegment(kind, text));
        }
    }
}
