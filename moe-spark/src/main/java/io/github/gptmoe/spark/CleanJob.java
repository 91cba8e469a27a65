package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanCounts;
import io.github.gptmoe.data.clean.CleanManifest;
import io.github.gptmoe.data.clean.CleanRequest;
import io.github.gptmoe.data.clean.CleanRun;
import io.github.gptmoe.data.clean.CleanedFile;
import io.github.gptmoe.data.clean.ProfanityRule;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** Cleans files: one pass over the slices of those that are not done. */
final class CleanJob {
    private final JavaSparkContext spark;
    private final PassRequest request;
    private final OutFolder folder;
    private final CleanRequest cleaning;
    private final String settings;

    CleanJob(JavaSparkContext spark, PassRequest request, CleanConfig rules) {
        this.spark = spark;
        this.request = request;
        this.folder = OutFolder.of(request.files(), request.out(), request.inputs());
        List<InputFile> inputs = request.inputs().stream().map(JobInput::file).toList();
        this.cleaning = new CleanRequest(inputs, Path.of(request.out()), rules, request.rows(), 1);
        this.settings = rules.digest();
    }

    CleanManifest run() {
        return OutFolder.whileLocked(request.out(), this::clean);
    }

    private CleanManifest clean() throws IOException {
        Map<Integer, CleanedFile> files = new HashMap<>();
        List<JobInput> open = new ArrayList<>();
        for (JobInput input : request.inputs()) {
            CleanedFile done = done(input);
            if (done == null) {
                open.add(input);
            } else {
                files.put(input.number(), done);
            }
        }
        files.putAll(clean(open, files));
        List<CleanedFile> all = request.inputs().stream()
                .map(input -> files.get(input.number()))
                .toList();
        CleanManifest manifest = CleanManifest.of(cleaning, settings, all);
        folder.write(CleanRun.MANIFEST, manifest);
        return manifest;
    }

    private String key(JobInput input) {
        return cleaning.key(settings, input.file());
    }

    private @Nullable CleanedFile done(JobInput input) {
        String output = input.outputName(request.format());
        return folder.recall(output + ".json", CleanedFile.class)
                .filter(file -> file.key().equals(key(input))
                        && folder.has(file.output(), file.content())
                        && (!quarantines() || file.rows().skipped() == 0)) // Its bad rows are not kept.
                .orElse(null);
    }

    private Map<Integer, CleanedFile> clean(List<JobInput> inputs, Map<Integer, CleanedFile> done) throws IOException {
        List<Slice> slices = SlicePlan.of(spark, request.files(), inputs, request.blockBytes());
        SliceParts parts = new SliceParts(folder, request.format());
        Map<Integer, String> keys = new HashMap<>();
        inputs.forEach(input -> keys.put(input.number(), key(input)));
        ProfanityRule profanity = cleaning.config().profanity();
        List<String> words = profanity.enabled() ? profanity.words() : List.of();
        CleanWork work = new CleanWork(parts, cleaning.config(), words, request.reading(), keys);
        List<SliceOutcome<CleanWork.Cleaned>> outcomes = SliceJobs.run(spark, "cleaning text", slices, work);
        Map<Integer, DocumentGroups.Rows> rows = judge(slices, outcomes, done);
        List<CleanWork.Cleaned> cleaned = SliceJobs.values(outcomes);
        JobInputs.requireUnchanged(request.files(), inputs);
        List<OutputFile.Content> contents = parts.join(
                spark, slices, cleaned.stream().map(CleanWork.Cleaned::content).toList());
        Map<Integer, CleanedFile> files = new HashMap<>();
        int next = 0;
        for (int i = 0; i < inputs.size(); i++) {
            JobInput input = inputs.get(i);
            CleanCounts counts = CleanCounts.NONE;
            do {
                counts = counts.plus(
                        cleaned.get(next).counts(), cleaning.config().samples());
                next++;
            } while (next < slices.size() && slices.get(next).part() > 0);
            CleanedFile file = CleanWork.remember(
                    folder,
                    request.format(),
                    input,
                    keys,
                    contents.get(i),
                    Objects.requireNonNull(rows.get(input.number())),
                    counts);
            files.put(input.number(), file);
        }
        return files;
    }

    private boolean quarantines() {
        return request.rows().badRows().action() == BadRows.QUARANTINE;
    }

    /** Judges all rows in the order of the inputs, those of files that were done before too. */
    private Map<Integer, DocumentGroups.Rows> judge(
            List<Slice> slices, List<SliceOutcome<CleanWork.Cleaned>> outcomes, Map<Integer, CleanedFile> done)
            throws IOException {
        return JobRows.judge(request.rows(), judging -> {
            Map<Integer, DocumentGroups.Rows> rows = new HashMap<>();
            for (JobInput input : request.inputs()) {
                CleanedFile known = done.get(input.number());
                if (known == null) {
                    rows.put(input.number(), judging.file(input, slices, outcomes));
                } else {
                    judging.resume(known.rows());
                }
            }
            return rows;
        });
    }
}
