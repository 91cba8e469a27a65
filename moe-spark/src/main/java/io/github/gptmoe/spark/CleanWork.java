package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanCounts;
import io.github.gptmoe.data.clean.CleanedFile;
import io.github.gptmoe.data.clean.CleanedGroup;
import io.github.gptmoe.data.clean.Cleaner;
import io.github.gptmoe.data.clean.ProfanityRule;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.TextCodec;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Cleans a slice.
 *
 * @param parts where rows go
 * @param config the rules
 * @param words of the lists that the rules name; a task may be where the lists are not
 * @param rules what becomes of rows
 * @param keys of the inputs, by their numbers, for what is remembered of them
 */
record CleanWork(
        SliceParts parts, CleanConfig config, List<String> words, StretchReader.Rules rules, Map<Integer, String> keys)
        implements SliceJobs.Work<CleanWork.Cleaned> {

    /** What was written, and what was done. */
    record Cleaned(OutputFile.Content content, CleanCounts counts) implements Serializable {}

    @Override
    public SliceOutcome<Cleaned> on(Slice slice) throws IOException {
        ClusterFiles files = parts.folder().files();
        Cleaner cleaner = cleaner();
        String target = parts.target(slice);
        TextCodec codec = TextCodec.of(Path.of(ClusterFiles.path(target).getName()));
        CleanCounts[] counts = {CleanCounts.NONE};
        try (ClusterOutput output = new ClusterOutput(files, target)) {
            StretchRows rows = new SliceReader(files, rules).readGroups(slice, group -> {
                CleanedGroup cleaned =
                        CleanedGroup.of(cleaner, group, slice.input().name(), config.samples(), codec);
                output.append(cleaned.text(), cleaned.packed());
                counts[0] = counts[0].plus(cleaned.counts(), config.samples());
            });
            return finish(slice, rows, output, counts[0]);
        }
    }

    /** What is not read to its end has no output. */
    private SliceOutcome<Cleaned> finish(Slice slice, StretchRows rows, ClusterOutput output, CleanCounts counts)
            throws IOException {
        boolean ended = rules.badRows().action() == BadRows.FAIL ? !rows.bad().isEmpty() : !rows.whole();
        if (ended) {
            return SliceOutcome.of(rows, null);
        }
        if (!slice.isWholeFile()) {
            return SliceOutcome.of(rows, new Cleaned(output.finish(), counts));
        }
        JobInputs.requireUnchanged(parts.folder().files(), List.of(slice.input()));
        Cleaned cleaned = new Cleaned(output.finish(), counts);
        if (!parts.isJoined(slice)) { // Now, so that a job that is stopped need not clean this file again.
            DocumentGroups.Rows met =
                    new DocumentGroups.Rows(rows.rows(), rows.bad().size(), rows.empty(), rows.cut());
            remember(parts.folder(), parts.format(), slice.input(), keys, cleaned.content(), met, counts);
        }
        return SliceOutcome.of(rows, cleaned);
    }

    /** Notes that an output is done; returns the note. */
    static CleanedFile remember(
            OutFolder folder,
            Format format,
            JobInput input,
            Map<Integer, String> keys,
            OutputFile.Content content,
            DocumentGroups.Rows rows,
            CleanCounts counts)
            throws IOException {
        String output = input.outputName(format);
        String key = Objects.requireNonNull(keys.get(input.number()));
        CleanedFile file = new CleanedFile(key, input.name(), output, content, rows, counts);
        folder.remember(output + ".json", file);
        return file;
    }

    /** Lists are read when the rules are made, so a file that goes away then serves. */
    private Cleaner cleaner() throws IOException {
        if (words.isEmpty()) {
            return new Cleaner(config);
        }
        Path list = Files.createTempFile("moe-words", ".txt");
        try {
            Files.write(list, words);
            return new Cleaner(withList(config, list));
        } finally {
            Files.delete(list);
        }
    }

    private static CleanConfig withList(CleanConfig rules, Path list) {
        ProfanityRule profanity = rules.profanity();
        return new CleanConfig(
                rules.encoding(),
                rules.html(),
                rules.controls(),
                rules.unicode(),
                rules.simplified(),
                rules.masks(),
                rules.boilerplate(),
                rules.sentences(),
                rules.whitespace(),
                rules.length(),
                rules.composition(),
                rules.entropy(),
                rules.language(),
                rules.repetition(),
                new ProfanityRule(profanity.enabled(), List.of(list.toString()), profanity.maximumPerLine()),
                rules.samples());
    }
}
