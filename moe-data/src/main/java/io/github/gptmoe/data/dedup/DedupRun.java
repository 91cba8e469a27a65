package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Removes duplicates and evaluation data from files on this machine. Outputs have the names of the inputs, rows {@code {"text": ...}} and
 * the order of the input; {@code removed.ndjson} lists what did not stay and why, {@code manifest.json} has counts and settings. The same
 * call goes on after a kill: prints and outputs that are done stay.
 */
public final class DedupRun {
    /** The file with counts and settings. */
    public static final String MANIFEST = "manifest.json";

    /** The file with a row for each document that did not stay. No {@code .jsonl}, or it were text where the folder is an input. */
    public static final String REMOVED = "removed.ndjson";

    private final DedupRequest request;
    private final CorpusProgress progress;
    private final @Nullable Banding banding;

    /**
     * Prepares a run.
     *
     * @param request what to do
     * @param progress hears how far it is; may throw to end the run
     */
    public DedupRun(DedupRequest request, CorpusProgress progress) {
        this.request = request;
        this.progress = progress;
        this.banding = request.config().banding();
    }

    /**
     * Does it.
     *
     * @return what was done, and by earlier calls
     * @throws InputException if inputs or the disk do not allow it
     */
    public DedupManifest run() {
        try (OutputFolder folder = OutputFolder.open(request.out());
                DocumentGroups groups = new DocumentGroups(request.threads())) {
            request.inputs().forEach(folder::requireOutside);
            // That of an earlier call does not describe outputs that are made again.
            Files.deleteIfExists(folder.file(MANIFEST));
            EvaluationData evaluation = request.against().isEmpty()
                    ? null
                    : EvaluationData.read(request.against(), request.fields(), request.config());
            Decontaminator decontaminator =
                    evaluation == null ? null : new Decontaminator(evaluation, request.config());
            DuplicateSearch.Found found = new DuplicateSearch(request, banding, folder, groups, progress).run();
            String settings = request.settings();
            List<DedupOutput.WrittenFile> written =
                    new DedupOutput(request, found, decontaminator, folder, groups, progress).write(settings);
            DedupManifest manifest = manifest(settings, found, evaluation, written);
            folder.write(MANIFEST, manifest);
            for (InputFile input : request.inputs()) {
                new PrintFile(folder, input, banding).delete();
            }
            return manifest;
        } catch (IOException failed) {
            throw OutputFolder.unwritable(request.out(), failed);
        } catch (UncheckedIOException failed) {
            throw OutputFolder.unwritable(request.out(), Objects.requireNonNull(failed.getCause()));
        }
    }

    private DedupManifest manifest(
            String settings,
            DuplicateSearch.Found found,
            @Nullable EvaluationData evaluation,
            List<DedupOutput.WrittenFile> written) {
        DedupCounts totals = DedupCounts.NONE;
        List<DedupManifest.File> files = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            InputFile input = request.inputs().get(i);
            DedupOutput.WrittenFile file = written.get(i);
            totals = totals.plus(file.counts());
            files.add(new DedupManifest.File(
                    input.name(),
                    input.bytes(),
                    input.outputName(),
                    file.content(),
                    found.printed().get(i).rows(),
                    file.counts()));
        }
        return new DedupManifest(
                DedupManifest.FORMAT_VERSION,
                settings,
                request.rows().badRows().action().label(),
                request.config(),
                banding,
                found.search(),
                evaluation == null ? null : new DedupManifest.Evaluation(evaluation.size(), evaluation.unsearchable()),
                files,
                totals);
    }
}
