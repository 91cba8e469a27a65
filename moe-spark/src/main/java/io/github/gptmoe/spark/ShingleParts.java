package io.github.gptmoe.spark;

import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import io.github.gptmoe.data.dedup.MatchText;
import io.github.gptmoe.data.dedup.Shingles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The shingles of the documents that share a band with another, in files of the output folder.
 *
 * @param folder the output folder
 * @param slices numbers of documents
 * @param wanted documents whose shingles are made
 * @param shingle characters of a shingle
 * @param rules what becomes of rows
 */
record ShingleParts(
        OutFolder folder, List<Numbered> slices, Broadcast<BitSet> wanted, int shingle, StretchReader.Rules rules)
        implements SliceJobs.Work<Integer> {
    private static final String SHINGLES = "shingles/";

    private String file(Slice slice) {
        return folder.state(SHINGLES + slice.fileName());
    }

    /** Makes those of a slice; the result is their number. */
    @Override
    public SliceOutcome<Integer> on(Slice slice) throws IOException {
        int[] next = {slices.get(slice.number()).first()};
        int[] written = new int[1];
        try (ClusterOutput output = new ClusterOutput(folder.files(), file(slice))) {
            StretchRows rows = new SliceReader(folder.files(), rules).read(slice, document -> {
                int number = next[0]++;
                if (!wanted.value().get(number)) {
                    return;
                }
                long[] distinct = Shingles.distinct(MatchText.of(document.text()), shingle);
                ByteBuffer record = ByteBuffer.allocate(2 * Integer.BYTES + distinct.length * Long.BYTES);
                record.putInt(number).putInt(distinct.length * Long.BYTES);
                record.asLongBuffer().put(distinct);
                output.append(record.array());
                written[0]++;
            });
            output.finish();
            return SliceOutcome.of(rows, written[0]);
        }
    }

    /** Rows (document, shingles as bytes) of a slice. */
    Iterator<Row> rows(Slice slice, int count) throws IOException {
        return new RecordFile<>(folder.files(), file(slice), count, (in, index) -> {
            int document = in.readInt();
            byte[] shingles = new byte[in.readInt()];
            in.readFully(shingles);
            return RowFactory.create(document, shingles);
        });
    }

    void delete() throws IOException {
        folder.files().delete(folder.state(SHINGLES));
    }
}
