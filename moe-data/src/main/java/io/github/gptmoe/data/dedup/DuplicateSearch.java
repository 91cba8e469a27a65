package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.RowCounts;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import io.github.gptmoe.data.corpus.PassRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds duplicates: the first pass over the files makes prints, the second reads those documents again that may be similar. */
final class DuplicateSearch {
    private static final String READING = "reading text";
    private static final String CANDIDATES = "reading candidates";
    private static final String COMPARING = "comparing pairs";
    private static final String SHINGLES = "shingles";

    private final DedupRequest request;
    private final @Nullable Banding banding;
    private final OutputFolder folder;
    private final DocumentGroups groups;
    private final CorpusProgress progress;

    /** The documents, for each the first of its cluster, and what was met. {@code firsts} belongs to the holder. */
    @SuppressWarnings("ArrayRecordComponent") // Read by workers, never compared.
    record Found(DocumentIndex index, int[] firsts, List<PrintFile.Printed> printed, DedupManifest.Search search) {}

    /** The shingles of a document; the array belongs to the holder. */
    @SuppressWarnings("ArrayRecordComponent") // Passed from a worker to the writer, never compared.
    private record ShinglesOf(int document, long[] shingles) {}

    DuplicateSearch(
            DedupRequest request,
            @Nullable Banding banding,
            OutputFolder folder,
            DocumentGroups groups,
            CorpusProgress progress) {
        this.request = request;
        this.banding = banding;
        this.folder = folder;
        this.groups = groups;
        this.progress = progress;
    }

    Found run() throws IOException {
        List<PrintFile.Printed> printed = printAll(new PassRows(folder, request.rows()));
        SignatureStore signatures = new SignatureStore(banding == null ? new Banding(0, 0) : banding);
        DocumentIndex index = new DocumentIndex(signatures);
        for (int i = 0; i < printed.size(); i++) {
            InputFile input = request.inputs().get(i);
            index.begin(input);
            new PrintFile(folder, input, banding).read(printed.get(i).documents(), index::add);
        }
        DedupManifest.Search search =
                banding == null ? new DedupManifest.Search(0, 0, 0) : joinSimilar(index, signatures, banding);
        return new Found(index, index.clusters().firsts(), printed, search);
    }

    private List<PrintFile.Printed> printAll(PassRows rows) throws IOException {
        try {
            List<PrintFile.Printed> printed = printed(rows);
            rows.end();
            return printed;
        } catch (InputException failed) {
            throw rows.failed(failed);
        }
    }

    private List<PrintFile.Printed> printed(PassRows rows) throws IOException {
        List<PrintFile.Printed> printed = new ArrayList<>();
        long documents = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            InputFile input = request.inputs().get(i);
            String key = request.digest(
                    "prints " + DedupManifest.FORMAT_VERSION,
                    String.valueOf(banding),
                    String.valueOf(request.config().shingle()),
                    request.rows().identity(),
                    input.identity());
            CorpusProgress.Part part = request.part(progress, READING, i, documents);
            printed.add(new PrintFile(folder, input, banding).make(key, input, request, rows, groups, part));
            documents += printed.get(i).documents();
        }
        progress.at(READING, documents, 1);
        return printed;
    }

    private DedupManifest.Search joinSimilar(DocumentIndex index, SignatureStore signatures, Banding shape)
            throws IOException {
        Candidates candidates = new Candidates(signatures, shape);
        BitSet documents = candidates.documents();
        try (ShingleFile shingles = new ShingleFile(folder.state(SHINGLES))) {
            readShingles(documents, index, shingles);
            candidates.join(
                    index.clusters(),
                    request.config().near(),
                    (one, other) -> Shingles.jaccard(shingles.of(one), shingles.of(other)),
                    groups,
                    (compared, fraction) -> progress.at(COMPARING, compared, fraction));
        }
        return new DedupManifest.Search(documents.cardinality(), candidates.compared(), candidates.leftOut());
    }

    /** Reads the files again that have candidates. */
    private void readShingles(BitSet wanted, DocumentIndex index, ShingleFile shingles) throws IOException {
        for (int i = 0; i < request.inputs().size(); i++) {
            int file = i;
            int next = wanted.nextSetBit(index.first(file));
            if (next < 0 || next >= index.end(file)) {
                continue;
            }
            InputFile input = request.inputs().get(file);
            CorpusProgress.Part part = request.part(progress, CANDIDATES, file, 0);
            groups.pass(
                    input.path(),
                    RowCounts.again(request.rows().badRows()),
                    request.rows().limit(),
                    group -> shingles(group, file, wanted, index),
                    (List<ShinglesOf> some) -> {
                        for (ShinglesOf one : some) {
                            shingles.add(one.document(), one.shingles());
                        }
                    },
                    read -> part.at(shingles.size(), read));
            input.requireUnchanged();
        }
        progress.at(CANDIDATES, shingles.size(), 1);
    }

    private List<ShinglesOf> shingles(List<Document> group, int file, BitSet wanted, DocumentIndex index) {
        List<ShinglesOf> shingles = new ArrayList<>();
        for (Document document : group) {
            int number = index.at(file, document.line());
            if (wanted.get(number)) {
                long[] distinct = Shingles.distinct(
                        MatchText.of(document.text()), request.config().shingle());
                shingles.add(new ShinglesOf(number, distinct));
            }
        }
        return shingles;
    }
}
