package io.github.gptmoe.spark;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.TextCodec;
import io.github.gptmoe.data.dedup.Decontaminator;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupCounts;
import io.github.gptmoe.data.dedup.EvaluationData;
import io.github.gptmoe.data.dedup.RemovedRow;
import io.github.gptmoe.data.dedup.StayingRows;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * Writes what stays of a slice, and the list of what does not.
 *
 * @param parts where rows go
 * @param slices numbers of documents
 * @param verdicts which documents have earlier ones
 * @param evaluation what documents must not have; null for nothing
 * @param config how they are judged
 * @param rules what becomes of rows
 */
record StayWork(
        SliceParts parts,
        List<Numbered> slices,
        Broadcast<Verdicts> verdicts,
        @Nullable Broadcast<EvaluationData> evaluation,
        DedupConfig config,
        StretchReader.Rules rules)
        implements SliceJobs.Work<StayWork.Written> {
    private static final String REMOVED = "removed/";

    /** What was written, and what became of the documents. */
    record Written(OutputFile.Content content, DedupCounts counts) implements Serializable {}

    /** The list of what does not stay of a slice. */
    String removed(Slice slice) {
        return parts.folder().state(REMOVED + slice.fileName());
    }

    /** The folder of these lists. */
    String removedFolder() {
        return parts.folder().state(REMOVED);
    }

    @Override
    public SliceOutcome<Written> on(Slice slice) throws IOException {
        ClusterFiles files = parts.folder().files();
        String target = parts.target(slice);
        TextCodec codec = TextCodec.of(Path.of(ClusterFiles.path(target).getName()));
        Decontaminator decontaminator = evaluation == null ? null : new Decontaminator(evaluation.value(), config);
        Numbered numbers = slices.get(slice.number());
        DedupCounts[] counts = {DedupCounts.NONE};
        int[] next = {numbers.first()};
        try (ClusterOutput output = new ClusterOutput(files, target);
                ClusterOutput removed = new ClusterOutput(files, removed(slice))) {
            StretchRows rows = new SliceReader(files, rules).readGroups(slice, group -> {
                StayingRows staying = new StayingRows(decontaminator);
                for (Document document : group) {
                    judge(staying, slice, document, next[0]++);
                }
                byte[] text = staying.text();
                output.append(text, codec.pack(text));
                removed.append(staying.removed());
                counts[0] = counts[0].plus(staying.counts());
            });
            if (next[0] != numbers.end()) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        slice.input().shown()
                                + ": changed while it was read; wait until its writer is done and start again");
            }
            removed.finish();
            return SliceOutcome.of(rows, new Written(output.finish(), counts[0]));
        }
    }

    private void judge(StayingRows staying, Slice slice, Document document, int number) {
        RemovedRow.Place place = new RemovedRow.Place(slice.input().name(), document.line());
        int found = verdicts.value().find(number);
        if (found < 0) {
            staying.first(place, document.text());
        } else {
            staying.later(place, verdicts.value().first(found), verdicts.value().similarity(found));
        }
    }
}
