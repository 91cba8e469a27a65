package io.github.gptmoe.eval.adapt;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.Tokenizer;
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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

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

    private final Path file;
    private final Function<LabelledRows, List<PromptEncoder>> encoders;
    private final Tokenizer tokenizer;

    /**
     * Describes a file.
     *
     * @param file where to write
     * @param encoders the patterns of a task; with several, rows take turns
     * @param tokenizer counts
     */
    AdaptationText(Path file, Function<LabelledRows, List<PromptEncoder>> encoders, Tokenizer tokenizer) {
        this.file = file;
        this.encoders = encoders;
        this.tokenizer = tokenizer;
    }

    /**
     * Writes all tasks, one after the other: whoever trains shuffles. The file is there as a whole or not at all.
     *
     * @return its tokens, with an end of document an example
     */
    long write(List<LabelledRows> tasks) {
        double rows = tasks.stream().mapToDouble(task -> task.rows().size()).sum();
        double shares = tasks.stream().mapToDouble(LabelledRows::share).sum();
        long[] tokens = {0};
        try {
            DurableFile.replace(file, fresh -> {
                try (Writer writer = Files.newBufferedWriter(fresh)) {
                    for (LabelledRows task : tasks) {
                        // An example counts such that the task's share of all examples is what was asked for.
                        double factor = shares == 0
                                ? 1
                                : task.share() / shares * rows / task.rows().size();
                        for (Example example : examples(task)) {
                            write(writer, example, factor);
                            tokens[0] += tokens(example);
                        }
                    }
                }
            });
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot write " + file + ": " + failed.getMessage(), failed);
        }
        return tokens[0];
    }

    private long tokens(Example example) {
        long tokens = 1;
        for (int i = 0; i < example.segments.size(); i++) {
            String text = example.segments.get(i).text();
            tokens += i == 0 ? tokenizer.encode(text).length : tokenizer.encodeContinuation(text).length;
        }
        return tokens;
    }

    private List<Example> examples(LabelledRows task) {
        List<PromptEncoder> patterns = encoders.apply(task);
        List<Example> examples = new ArrayList<>();
        Set<Integer> labelled = new HashSet<>();
        for (PseudoLabel label : task.labels()) {
            labelled.add(label.row());
            TaskRow row = task.rows().get(label.row());
            PromptEncoder pattern = patterns.get(label.row() % patterns.size());
            for (List<PromptSegment> form : MaskedLabel.forms(pattern.training(row, label.label()))) {
                examples.add(new Example(form, label.weight()));
            }
        }
        for (int row = 0; row < task.rows().size(); row++) {
            if (!labelled.contains(row)) {
                examples.add(new Example(bareText(task, task.rows().get(row)), 1));
            }
        }
        for (int row = 0; row < task.given().size(); row++) {
            TaskRow given = task.given().get(row);
            PromptEncoder pattern = patterns.get(row % patterns.size());
            for (List<PromptSegment> form :
                    MaskedLabel.forms(pattern.training(given, given.gold().orElseThrow()))) {
                examples.add(new Example(form, 1));
            }
        }
        return examples;
    }

    private static List<PromptSegment> bareText(LabelledRows task, TaskRow row) {
        return List.of(new PromptSegment(SegmentKind.CONTEXT, task.task().context(row)));
    }

    private static void write(Writer writer, Example example, double factor) throws IOException {
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
        json.writeNumberField("weight", example.weight * factor);
        json.writeEndObject();
        json.close();
        writer.write('\n');
    }
}
