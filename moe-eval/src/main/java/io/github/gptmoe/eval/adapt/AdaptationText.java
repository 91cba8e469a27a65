package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.task.FilledPrompt;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.PromptSegment;
import io.github.gptmoe.data.task.SegmentKind;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.checkpoint.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The text that a round trains on: an example for each label of each row, in the pattern that the task is asked with, and the
 * bare text of rows without a label. A pattern's examples carry the label's share of the row as their weight.
 *
 * <p>The pseudo-label term of the loss is a masked-language-model term for a decoder ({@link MaskedLabel}): the label is
 * predicted from everything else in the example, and nothing else in the example sees it.
 *
 * <p>Written in the format that {@code data.format: segments} reads.
 */
final class AdaptationText {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An example and what it counts. */
    private record Example(List<PromptSegment> segments, double weight) {}

    /**
     * What was written.
     *
     * @param tokens of the training text, with an end of document an example
     * @param heldOut whether the validation's rows are not trained on; a text that is too short has none to spare
     */
    record Written(long tokens, boolean heldOut) {}

    /** Share of the text that is held out, and how much more than a sequence it must be. */
    private static final double HELD_OUT = 0.02;

    private static final int SEQUENCES = 2;
    private static final int LARGEST_SHARE = 8;

    private final Path train;
    private final Path validation;
    private final Function<LabelledRows, List<PromptEncoder>> encoders;
    private final Tokenizer tokenizer;

    /**
     * Describes the files.
     *
     * @param train where to write what is trained on
     * @param validation where to write what is not
     * @param encoders the patterns of a task; with several, rows take turns
     * @param tokenizer counts
     */
    AdaptationText(
            Path train, Path validation, Function<LabelledRows, List<PromptEncoder>> encoders, Tokenizer tokenizer) {
        this.train = train;
        this.validation = validation;
        this.encoders = encoders;
        this.tokenizer = tokenizer;
    }

    /**
     * Writes all tasks, one after the other: whoever trains shuffles. Each file is there as a whole or not at all.
     *
     * @param sequenceLength of the model: the validation has more tokens than that
     */
    Written write(List<LabelledRows> tasks, int sequenceLength) {
        List<List<Example>> rows = rows(tasks);
        long all = tokens(rows);
        long wanted = Math.max((long) (HELD_OUT * all), (long) SEQUENCES * (sequenceLength + 1));
        List<List<Example>> kept = new ArrayList<>();
        List<List<Example>> held = new ArrayList<>();
        boolean spare = wanted * LARGEST_SHARE <= all;
        // Evenly over the rows, so that every task and label is among them.
        long every = Math.max(1, (long) (rows.size() * (double) wanted / all));
        long due = 0;
        for (int row = 0; row < rows.size(); row++) {
            due += every;
            boolean out = spare && due >= rows.size();
            due -= out ? rows.size() : 0;
            (out ? held : kept).add(rows.get(row));
        }
        while (tokens(held) <= sequenceLength + 1L) {
            held.addAll(kept); // too short a text to spare any, or unluckily short rows
            spare = false;
        }
        write(validation, held);
        write(train, kept);
        return new Written(tokens(kept), spare);
    }

    private static void write(Path file, List<List<Example>> rows) {
        try {
            DurableFile.replace(file, fresh -> {
                try (Writer writer = Files.newBufferedWriter(fresh)) {
                    for (List<Example> row : rows) {
                        for (Example example : row) {
                            write(writer, example);
                        }
                    }
                }
            });
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }

    private long tokens(List<List<Example>> rows) {
        return rows.stream().flatMap(List::stream).mapToLong(this::tokens).sum();
    }

    private long tokens(Example example) {
        long tokens = 1;
        for (int i = 0; i < example.segments.size(); i++) {
            String text = example.segments.get(i).text();
            tokens += i == 0 ? tokenizer.encode(text).length : tokenizer.encodeContinuation(text).length;
        }
        return tokens;
    }

    /** The examples of every row; they count such that a task's share of all is what was asked for. */
    private List<List<Example>> rows(List<LabelledRows> tasks) {
        double all = tasks.stream().mapToDouble(task -> task.rows().size()).sum();
        double shares = tasks.stream().mapToDouble(LabelledRows::share).sum();
        List<List<Example>> rows = new ArrayList<>();
        for (LabelledRows task : tasks) {
            double factor =
                    shares == 0 ? 1 : task.share() / shares * all / task.rows().size();
            rows.addAll(rows(task, encoders.apply(task), factor));
        }
        rows.removeIf(List::isEmpty);
        return rows;
    }

    private static List<List<Example>> rows(LabelledRows task, List<PromptEncoder> patterns, double factor) {
        Map<Integer, List<PseudoLabel>> labels =
                task.labels().stream().collect(Collectors.groupingBy(PseudoLabel::row));
        List<List<Example>> rows = new ArrayList<>();
        for (int i = 0; i < task.rows().size(); i++) {
            TaskRow row = task.rows().get(i);
            PromptEncoder pattern = patterns.get(i % patterns.size());
            List<Example> examples = new ArrayList<>();
            for (PseudoLabel label : labels.getOrDefault(i, List.of())) {
                examples.addAll(examples(pattern.training(row, label.label()), factor * label.weight()));
            }
            if (examples.isEmpty()) {
                bareText(pattern.fill(row, List.of())).ifPresent(text -> examples.add(new Example(text, factor)));
            }
            rows.add(examples);
        }
        for (int i = 0; i < task.given().size(); i++) {
            TaskRow row = task.given().get(i);
            PromptEncoder pattern = patterns.get(i % patterns.size());
            rows.add(examples(pattern.training(row, row.gold().orElseThrow()), factor));
        }
        return rows;
    }

    private static List<Example> examples(List<PromptSegment> segments, double weight) {
        return MaskedLabel.forms(segments).stream()
                .map(form -> new Example(form, weight))
                .toList();
    }

    /** The row's own texts, as far as the pattern shows them, with the mask where a label stands between; nothing if all are blank. */
    private static Optional<List<PromptSegment>> bareText(FilledPrompt filled) {
        List<PromptSegment> before = ownTexts(filled.before());
        List<PromptSegment> after = ownTexts(filled.after());
        List<PromptSegment> all = new ArrayList<>(before);
        if (!before.isEmpty() && !after.isEmpty()) {
            all.add(new PromptSegment(SegmentKind.PROMPT, MaskedLabel.MASK));
        }
        all.addAll(after);
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }

    private static List<PromptSegment> ownTexts(List<PromptSegment> segments) {
        return segments.stream()
                .filter(segment ->
                        segment.kind() == SegmentKind.CONTEXT && !segment.text().isBlank())
                .toList();
    }

    private static void write(Writer writer, Example example) throws IOException {
        JsonGenerator json = JSON.createGenerator(writer).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.writeStartObject();
        json.writeArrayFieldStart("segments");
        for (PromptSegment segment : example.segments) {
            json.writeStartObject();
            json.writeStringField("kind", segment.kind().name().toLowerCase(Locale.ROOT));
            json.writeStringField("text", segment.text());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("weight", example.weight);
        json.writeEndObject();
        json.close();
        writer.write('\n');
    }
}
