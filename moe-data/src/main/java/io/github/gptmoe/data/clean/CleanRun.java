package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.JsonText;
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

    /** What threads make of a group: its rows as text and packed, and counts. Arrays belong to whoever holds the record. */
    @SuppressWarnings("ArrayRecordComponent") // Passed from a worker to the writer, never compared.
    private record CleanedGroup(byte[] text, byte[] packed, CleanCounts counts) {}

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
        this.settings =
                Hashes.sha256(String.join("\n", request.config().identity()).getBytes(UTF_8));
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
            CleanManifest manifest = manifest(files);
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
        List<String> decisive = List.of(
                settings,
                request.rows().identity(),
                String.valueOf(request.config().samples()),
                input.identity());
        String key = Hashes.sha256(String.join("\n", decisive).getBytes(UTF_8));
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
                            group -> clean(input, group, codec),
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

    private CleanedGroup clean(InputFile input, List<Document> group, TextCodec codec) {
        CleanCounts.Builder counts =
                new CleanCounts.Builder(input.name(), request.config().samples());
        JsonText rows = new JsonText();
        for (Document document : group) {
            CleanResult result = cleaner.clean(document.text());
            counts.add(document, result);
            if (result.text() != null) {
                rows.add(result.text());
            }
        }
        byte[] text = rows.bytes();
        return new CleanedGroup(text, codec.pack(text), counts.build());
    }

    private CleanManifest manifest(List<CleanedFile> files) {
        CleanCounts totals = CleanCounts.NONE;
        DocumentGroups.Rows rows = new DocumentGroups.Rows(0, 0, 0, 0);
        List<CleanManifest.File> listed = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            CleanedFile file = files.get(i);
            CleanCounts counts = file.counts();
            totals = totals.plus(counts, request.config().samples());
            rows = rows.plus(file.rows());
            listed.add(new CleanManifest.File(
                    file.input(),
                    request.inputs().get(i).bytes(),
                    file.output(),
                    file.content(),
                    file.rows(),
                    counts.documents(),
                    counts.unchanged(),
                    counts.changed(),
                    counts.dropped()));
        }
        return new CleanManifest(
                CleanManifest.FORMAT_VERSION,
                settings,
                request.rows().badRows().action().label(),
                request.config().rules(),
                listed,
                rows,
                totals);
    }
}
