package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.RowCounts;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import io.github.gptmoe.data.corpus.TextCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes what stays of each file, and the list of what does not: the third pass. */
final class DedupOutput {
    private static final String PHASE = "writing text";

    private final DedupRequest request;
    private final DuplicateSearch.Found found;
    private final @Nullable Decontaminator decontaminator;
    private final OutputFolder folder;
    private final DocumentGroups groups;
    private final CorpusProgress progress;

    /** What is remembered of an output that is done. */
    record WrittenFile(String key, OutputFile.Content content, OutputFile.Content removed, DedupCounts counts) {}

    /** What threads make of a group. Arrays belong to whoever holds the record. */
    @SuppressWarnings("ArrayRecordComponent") // Passed from a worker to the writer, never compared.
    private record WrittenGroup(byte[] text, byte[] packed, byte[] removed, DedupCounts counts) {
        static WrittenGroup of(StayingRows rows, TextCodec codec) {
            byte[] text = rows.text();
            return new WrittenGroup(text, codec.pack(text), rows.removed(), rows.counts());
        }
    }

    DedupOutput(
            DedupRequest request,
            DuplicateSearch.Found found,
            @Nullable Decontaminator decontaminator,
            OutputFolder folder,
            DocumentGroups groups,
            CorpusProgress progress) {
        this.request = request;
        this.found = found;
        this.decontaminator = decontaminator;
        this.folder = folder;
        this.groups = groups;
        this.progress = progress;
    }

    /** Writes the files that are not done, and the list of all. */
    List<WrittenFile> write(String settings) throws IOException {
        String all = request.inputs().stream().map(InputFile::identity).collect(Collectors.joining("\n"));
        String key = request.digest(settings, request.rows().identity(), all);
        List<WrittenFile> written = new ArrayList<>();
        long documents = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            String output = request.inputs().get(i).outputName();
            WrittenFile file = folder.recall(output + ".json", WrittenFile.class)
                    .filter(done -> done.key().equals(key)
                            && folder.has(output, done.content())
                            && folder.has(folder.state(removedName(output)), done.removed()))
                    .orElse(null);
            if (file == null) {
                file = write(i, key, documents);
                folder.remember(output + ".json", file);
            }
            written.add(file);
            documents += file.counts().documents();
        }
        joinRemoved();
        progress.at(PHASE, documents, 1);
        return written;
    }

    private static String removedName(String output) {
        return output + ".removed";
    }

    private WrittenFile write(int file, String key, long documentsBefore) throws IOException {
        InputFile input = request.inputs().get(file);
        TextCodec codec = TextCodec.of(folder.file(input.outputName()));
        CorpusProgress.Part part = request.part(progress, PHASE, file, documentsBefore);
        DedupCounts[] counts = {DedupCounts.NONE};
        try (OutputFile output = OutputFile.create(folder.file(input.outputName()));
                OutputFile removed = OutputFile.create(folder.state(removedName(input.outputName())))) {
            groups.pass(
                    input.path(),
                    RowCounts.again(request.rows().badRows()),
                    request.rows().limit(),
                    group -> WrittenGroup.of(group(group, file), codec),
                    (WrittenGroup group) -> {
                        output.append(group.text(), group.packed());
                        removed.append(group.removed());
                        counts[0] = counts[0].plus(group.counts());
                    },
                    read -> part.at(counts[0].documents(), read));
            input.requireUnchanged();
            return new WrittenFile(key, output.finish(), removed.finish(), counts[0]);
        }
    }

    private StayingRows group(List<Document> group, int file) {
        StayingRows rows = new StayingRows(decontaminator);
        for (Document document : group) {
            int number = found.index().at(file, document.line());
            int first = found.firsts()[number];
            RemovedRow.Place place = found.index().place(number);
            if (first == number) {
                rows.first(place, document.text());
                continue;
            }
            float similarity = found.index().clusters().similarity(number);
            RemovedRow.Place stays = found.index().place(first);
            rows.later(place, stays, similarity == DocumentIndex.EQUAL ? null : similarity);
        }
        return rows;
    }

    private void joinRemoved() throws IOException {
        try (OutputFile all = OutputFile.create(folder.file(DedupRun.REMOVED))) {
            for (InputFile input : request.inputs()) {
                all.append(Files.readAllBytes(folder.state(removedName(input.outputName()))));
            }
            all.finish();
        }
    }
}
