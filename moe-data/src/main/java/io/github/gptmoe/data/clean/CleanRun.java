package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import io.github.gptmoe.data.corpus.PassRows;
import io.github.gptmoe.data.corpus.TextCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Cleans files on this machine. Outputs have the names of the inputs, rows {@code {"text": ...}} and the order of the input;
 * {@code manifest.json} has counts, samples and settings. A file that is done stays when the same call is made again.
 */
public final class CleanRun {
    /** The file with counts, samples and settings. */
    public static final String MANIFEST = "manifest.json";

    private static final String PHASE = "cleaning text";

    private final CleanRequest request;
    private final CorpusProgress progress;
    private final Cleaner cleaner;
    private final String settings;
    private long finishedBytes;
    private long documents;

    /**
     * Prepares a run.
     *
     * @param request what to clean
     * @param progress hears how far it is; may throw to end the run
     */
    public CleanRun(CleanRequest request, CorpusProgress progress) {
        this.request = request;
        this.progress = progress;
        this.cleaner = new Cleaner(request.config());
        this.settings = request.config().digest();
    }

    /**
     * Cleans all files.
     *
     * @return what was done, and by earlier calls
     * @throws InputException if inputs or the disk do not allow it
     */
    public CleanManifest run() {
        try (OutputFolder folder = OutputFolder.open(request.out());
                DocumentGroups groups = new DocumentGroups(request.threads())) {
            request.inputs().forEach(folder::requireOutside);
            // That of an earlier call does not describe outputs that are made again.
            Files.deleteIfExists(folder.file(MANIFEST));
            List<CleanedFile> files = files(folder, groups);
            CleanManifest manifest = CleanManifest.of(request, settings, files);
            folder.write(MANIFEST, manifest);
            progress.at(PHASE, documents, 1);
            return manifest;
        } catch (IOException failed) {
            throw OutputFolder.unwritable(request.out(), failed);
        } catch (UncheckedIOException failed) {
            throw OutputFolder.unwritable(request.out(), Objects.requireNonNull(failed.getCause()));
        }
    }

    private List<CleanedFile> files(OutputFolder folder, DocumentGroups groups) throws IOException {
        PassRows rows = new PassRows(folder, request.rows());
        try {
            List<CleanedFile> files = new ArrayList<>();
            for (InputFile input : request.inputs()) {
                CleanedFile file = file(input, folder, groups, rows);
                files.add(file);
                finishedBytes += input.bytes();
                documents += file.counts().documents();
            }
            rows.end();
            return files;
        } catch (InputException failed) {
            throw rows.failed(failed);
        }
    }

    private CleanedFile file(InputFile input, OutputFolder folder, DocumentGroups groups, PassRows rows)
            throws IOException {
        String key = request.key(settings, input);
        String state = input.outputName() + ".json";
        Optional<CleanedFile> done = folder.recall(state, CleanedFile.class)
                .filter(file -> file.key().equals(key)
                        && folder.has(file.output(), file.content())
                        && rows.has(file.output(), file.rows()));
        if (done.isPresent()) {
            rows.resume(done.get().output(), done.get().rows());
            return done.get();
        }
        CleanedFile cleaned = clean(key, input, folder, groups, rows);
        folder.remember(state, cleaned);
        return cleaned;
    }

    private CleanedFile clean(
            String key, InputFile input, OutputFolder folder, DocumentGroups groups, PassRows passRows)
            throws IOException {
        TextCodec codec = TextCodec.of(folder.file(input.outputName()));
        Tally tally = new Tally();
        try (OutputFile output = OutputFile.create(folder.file(input.outputName()))) {
            DocumentGroups.Rows rows = passRows.read(
                    input.outputName(),
                    counts -> groups.pass(
                            input.path(),
                            counts,
                            request.rows().limit(),
                            group -> CleanedGroup.of(
                                    cleaner,
                                    group,
                                    input.name(),
                                    request.config().samples(),
                                    codec),
                            (CleanedGroup group) -> {
                                output.append(group.text(), group.packed());
                                tally.counts = tally.counts.plus(
                                        group.counts(), request.config().samples());
                            },
                            read -> progress.at(PHASE, documents + tally.counts.documents(), fraction(read))));
            input.requireUnchanged();
            return new CleanedFile(key, input.name(), input.outputName(), output.finish(), rows, tally.counts);
        }
    }

    private double fraction(long read) {
        double all = Math.max(1, InputFile.bytes(request.inputs()));
        return Math.min(CorpusProgress.ALMOST, (finishedBytes + read) / all);
    }

    private static final class Tally {
        private CleanCounts counts = CleanCounts.NONE;
    }
}
