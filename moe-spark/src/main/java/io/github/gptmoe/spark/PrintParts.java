package io.github.gptmoe.spark;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import io.github.gptmoe.data.dedup.Banding;
import io.github.gptmoe.data.dedup.DocumentPrint;
import io.github.gptmoe.data.dedup.MinHash;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The prints of the documents of slices, in files of the output folder: a record a document, of its line, its hash and its signature. Made
 * once, read by several jobs, so that text is not read again for what is known.
 *
 * @param folder the output folder
 * @param banding the shape of signatures; null where there are none
 * @param shingle characters of a shingle
 * @param rules what becomes of rows
 */
record PrintParts(OutFolder folder, @Nullable Banding banding, int shingle, StretchReader.Rules rules)
        implements SliceJobs.Work<Integer> {
    private static final String PRINTS = "prints/";

    /** The print of the document of a place in its slice, from 0. */
    record Print(int index, long line, DocumentPrint print) {}

    private String file(Slice slice) {
        return folder.state(PRINTS + slice.fileName());
    }

    /** Makes the prints of a slice; the result is the number of its documents. */
    @Override
    public SliceOutcome<Integer> on(Slice slice) throws IOException {
        MinHash minHash = banding == null ? null : new MinHash(banding.values());
        int[] documents = new int[1];
        try (ClusterOutput output = new ClusterOutput(folder.files(), file(slice))) {
            StretchRows rows = new SliceReader(folder.files(), rules).readGroups(slice, group -> {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                DataOutputStream out = new DataOutputStream(bytes);
                for (Document document : group) {
                    DocumentPrint print = DocumentPrint.of(document.text(), shingle, minHash);
                    write(out, document.line(), print);
                }
                output.append(bytes.toByteArray());
                documents[0] += group.size();
            });
            output.finish();
            return SliceOutcome.of(rows, documents[0]);
        }
    }

    private static void write(DataOutputStream out, long line, DocumentPrint print) throws IOException {
        out.writeLong(line);
        out.writeLong(print.high());
        out.writeLong(print.low());
        out.writeInt(print.signature().length);
        for (int value : print.signature()) {
            out.writeInt(value);
        }
    }

    /** Reads the prints of a slice, one after the other. */
    Iterator<Print> read(Numbered slice) throws IOException {
        return new RecordFile<>(folder.files(), file(slice.slice()), slice.count(), (in, index) -> {
            long line = in.readLong();
            long high = in.readLong();
            long low = in.readLong();
            int[] signature = new int[in.readInt()];
            for (int i = 0; i < signature.length; i++) {
                signature[i] = in.readInt();
            }
            return new Print(index, line, new DocumentPrint(high, low, signature));
        });
    }

    void delete() throws IOException {
        folder.files().delete(folder.state(PRINTS));
    }
}
