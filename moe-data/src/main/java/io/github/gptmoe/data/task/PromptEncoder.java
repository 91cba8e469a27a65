package io.github.gptmoe.data.task;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fills a pattern with the texts of rows, as segments and as token ids.
 *
 * <p>Segments are encoded one by one: the first as the beginning of a document, the others as continuations. So the tokens
 * before and after the label do not depend on which word stands there.
 *
 * <p>A text that is too long loses characters in the middle of its longest slot, or, in a slot with a blank, those that are
 * farthest from it, until everything fits together with the longest candidate. Room is kept for the longest word of the labels
 * and of the first-level classes, so that what stands before the label is the same in coarse and fine ranking. Pattern and
 * label are never cut.
 *
 * <p>Holds no state; several threads may use one instance.
 */
public final class PromptEncoder {
    private static final String EXAMPLE_END = "\n";

    private final Task task;
    private final Tokenizer tokenizer;
    private final int longest;
    private final PatternPieces pieces;
    private final List<String> words;
    private final int longestWord;

    /**
     * Prepares a pattern.
     *
     * @param task a task without problems
     * @param pattern one of its patterns
     * @param tokenizer stays the caller's, who closes it after the last call
     * @param longest the most tokens a prompt may have, end-of-document id and candidate included
     * @throws InputException if the tokenizer does not know a part of a label's or class's word
     */
    public PromptEncoder(Task task, TaskPattern pattern, Tokenizer tokenizer, int longest) {
        this.task = task;
        this.tokenizer = tokenizer;
        this.longest = longest;
        this.words = pattern.labelWords(task);
        this.pieces = pattern.pieces();
        for (int i = 0; i < words.size(); i++) {
            requireKnown(words.get(i), "label " + task.labels().get(i).value() + " of task " + task.name());
        }
        for (TaskClass group : task.tree()) {
            requireKnown(group.word(), "class " + group.name() + " of task " + task.name());
        }
        this.longestWord =
                longest(Stream.concat(words.stream(), task.tree().stream().map(TaskClass::word))
                        .toList());
    }

    /**
     * What the pattern writes for each label in a row.
     *
     * @param row a row of the task
     * @return the row's own candidates, or the pattern's words
     */
    public List<String> words(TaskRow row) {
        return row.choices().isEmpty() ? words : row.choices();
    }

    /**
     * Fills the pattern so that it fits, whichever label is filled in.
     *
     * @param row a row of the task
     * @param examples labelled rows to put before it in the same pattern, in order; each that does not fit is left out, and so
     *     is the row itself; empty for none
     * @return the segments before and after the label
     * @throws InputException if the pattern does not fit even with empty texts
     */
    public FilledPrompt fill(TaskRow row, List<TaskRow> examples) {
        return fill(row, examples, draft(row), words(row));
    }

    /**
     * The row as training text.
     *
     * @param row a row of the task
     * @param label the place of a label in {@link Task#labels()}
     * @return all segments in order
     * @throws InputException if the pattern does not fit even with empty texts
     */
    public List<PromptSegment> training(TaskRow row, int label) {
        return fill(row, List.of()).withLabel(words(row).get(label));
    }

    /**
     * The row with all labels as candidates.
     *
     * @param row a row of the task
     * @param examples labelled rows, as for {@link #fill(TaskRow, List)}
     * @return ids, with a candidate for each label
     * @throws InputException if the pattern does not fit even with empty texts, or a row's candidate has an unknown part
     */
    public ScoringPrompt scoring(TaskRow row, List<TaskRow> examples) {
        return scoring(row, examples, words(row));
    }

    /**
     * The row with other candidates, such as the words of the first-level classes, or of the labels below some of them. What
     * stands before and after is that of {@link #scoring(TaskRow, List)}. Examples keep the words of their labels.
     *
     * @param row a row of the task
     * @param examples labelled rows, as for {@link #fill(TaskRow, List)}
     * @param candidates words of labels or classes, at least one
     * @return ids, with a candidate for each word
     * @throws InputException if the pattern does not fit even with empty texts, or a candidate has an unknown part
     */
    public ScoringPrompt scoring(TaskRow row, List<TaskRow> examples, List<String> candidates) {
        return encode(row, fill(row, examples, draft(row), candidates), candidates);
    }

    /**
     * The pattern without the row's content: every text is a filler. What a model says to it is its prior.
     *
     * @param row where the candidates of the examples come from
     * @param examples labelled rows, as for {@link #fill(TaskRow, List)}
     * @param filler stands in every slot, such as {@code 无}; on both sides of a blank; may be empty: then only the words of the
     *     pattern are left
     * @param candidates words of labels or classes, at least one
     * @return ids, with a candidate for each word
     * @throws InputException if it does not fit, or a candidate has an unknown part
     */
    public ScoringPrompt contentFree(TaskRow row, List<TaskRow> examples, String filler, List<String> candidates) {
        PromptDraft draft =
                PromptDraft.of(task, pieces, slot -> new SlotText(filler, slot.blank() == null ? null : filler));
        return encode(row, fill(row, examples, draft, candidates), candidates);
    }

    private PromptDraft draft(TaskRow row) {
        return PromptDraft.of(task, pieces, slot -> SlotText.of(row.slot(slot.name()), slot.blank()));
    }

    private FilledPrompt fill(TaskRow row, List<TaskRow> examples, PromptDraft draft, List<String> candidates) {
        int room = longest - 1 - Math.max(longestWord, longest(candidates));
        FilledPrompt whole = draft.cut(Integer.MAX_VALUE);
        if (tokens(whole) <= room) {
            return withExamples(row, whole, examples, room);
        }
        FilledPrompt fitting = draft.cut(0);
        if (tokens(fitting) > room) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    row.place() + ": the pattern of task " + task.name() + " does not fit into " + longest
                            + " tokens even without the row's texts; it needs "
                            + (tokens(fitting) + longest - room) + "; use a longer context or a shorter pattern");
        }
        int fits = 0;
        int tooLong = draft.longestSlot();
        while (tooLong - fits > 1) {
            int middle = (fits + tooLong) >>> 1;
            FilledPrompt tried = draft.cut(middle);
            if (tokens(tried) <= room) {
                fits = middle;
                fitting = tried;
            } else {
                tooLong = middle;
            }
        }
        return new FilledPrompt(fitting.before(), fitting.after(), fitting.cutCharacters(), examples.size());
    }

    /** Examples are taken in order, each if it fits beside those taken before it; the row's own text goes first. */
    private FilledPrompt withExamples(TaskRow row, FilledPrompt whole, List<TaskRow> examples, int room) {
        FilledPrompt filled = whole;
        List<PromptSegment> taken = new ArrayList<>();
        int leftOut = 0;
        for (TaskRow example : examples) {
            List<PromptSegment> before = new ArrayList<>(taken);
            before.addAll(solved(example));
            int end = before.size();
            before.addAll(whole.before());
            FilledPrompt tried = new FilledPrompt(before, whole.after(), 0, 0);
            if (!example.isSame(row) && tokens(tried) <= room) {
                taken = before.subList(0, end);
                filled = tried;
            } else {
                leftOut++;
            }
        }
        return new FilledPrompt(filled.before(), filled.after(), 0, leftOut);
    }

    private List<PromptSegment> solved(TaskRow example) {
        int gold = example.gold()
                .orElseThrow(() -> new IllegalArgumentException(example.place() + " has no label to show"));
        List<PromptSegment> segments = new ArrayList<>(
                draft(example).cut(Integer.MAX_VALUE).withLabel(words(example).get(gold)));
        segments.add(new PromptSegment(SegmentKind.PROMPT, EXAMPLE_END));
        return segments;
    }

    private ScoringPrompt encode(TaskRow row, FilledPrompt filled, List<String> candidates) {
        List<int[]> candidateIds = new ArrayList<>();
        for (String candidate : candidates) {
            requireKnown(candidate, "candidate '" + candidate + "' of " + row.place());
            candidateIds.add(
                    filled.before().isEmpty() ? tokenizer.encode(candidate) : tokenizer.encodeContinuation(candidate));
        }
        int[] before = IntStream.concat(
                        IntStream.of(tokenizer.endOfDocument()), Arrays.stream(ids(filled.before(), true)))
                .toArray();
        return new ScoringPrompt(
                before, candidateIds, ids(filled.after(), false), filled.cutCharacters(), filled.leftOutExamples());
    }

    private int tokens(FilledPrompt filled) {
        return ids(filled.before(), true).length + ids(filled.after(), false).length;
    }

    private int[] ids(List<PromptSegment> segments, boolean begin) {
        IntStream ids = IntStream.empty();
        for (int i = 0; i < segments.size(); i++) {
            String text = segments.get(i).text();
            int[] segment = begin && i == 0 ? tokenizer.encode(text) : tokenizer.encodeContinuation(text);
            ids = IntStream.concat(ids, Arrays.stream(segment));
        }
        return ids.toArray();
    }

    private int longest(Collection<String> candidates) {
        return candidates.stream()
                .mapToInt(word -> Math.max(tokenizer.encode(word).length, tokenizer.encodeContinuation(word).length))
                .max()
                .orElse(0);
    }

    private void requireKnown(String word, String whose) {
        int[] ids = tokenizer.encodeContinuation(word);
        if (ids.length == 0 || Arrays.stream(ids).anyMatch(id -> id == tokenizer.unknownId())) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    whose + ": the tokenizer does not know all of its word '" + word
                            + "', so it cannot be scored; use a tokenizer that does (one with byte fallback knows"
                            + " everything), or write another word in the task file");
        }
    }
}
