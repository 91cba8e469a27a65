package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import io.github.gptmoe.data.corpus.PassRows;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prints of the documents of one file, kept on disk so that a killed run need not make them again. A record a document, big-endian: line
 * (8 bytes), hash (16), whether there is a signature (1), its values (4 each).
 */
final class PrintFile {
    private static final int FIXED_BYTES = 25;

    private final OutputFolder folder;
    private final String name;
    private final int values;

    /** What is remembered of prints that are done. */
    record Printed(String key, long documents, DocumentGroups.Rows rows, OutputFile.Content content) {}

    /** Takes prints in the order of the file. */
    interface Sink {
        void accept(long line, DocumentPrint print);
    }

    PrintFile(OutputFolder folder, InputFile input, @Nullable Banding banding) {
        this.folder = folder;
        this.name = input.outputName() + ".prints";
        this.values = banding == null ? 0 : banding.values();
    }

    /** Makes the prints unless they are there. */
    Printed make(
            String key,
            InputFile input,
            DedupRequest request,
            PassRows passRows,
            DocumentGroups groups,
            CorpusProgress.Part progress)
            throws IOException {
        Printed known = folder.recall(name + ".json", Printed.class)
                .filter(done -> done.key().equals(key)
                        && folder.has(folder.state(name), done.content())
                        && passRows.has(input.outputName(), done.rows()))
                .orElse(null);
        if (known != null) {
            passRows.resume(input.outputName(), known.rows());
            return known;
        }
        MinHash minHash = values == 0 ? null : new MinHash(values);
        long[] documents = new long[1];
        try (OutputFile file = OutputFile.create(folder.state(name))) {
            DocumentGroups.Rows rows = passRows.read(
                    input.outputName(),
                    counts -> groups.pass(
                            input.path(),
                            counts,
                            request.rows().limit(),
                            group -> prints(group, request.config().shingle(), minHash),
                            (Prints prints) -> {
                                file.append(prints.bytes());
                                documents[0] += prints.documents();
                            },
                            read -> progress.at(documents[0], read)));
            input.requireUnchanged();
            Printed printed = new Printed(key, documents[0], rows, file.finish());
            folder.remember(name + ".json", printed);
            return printed;
        }
    }

    /** Records of a group; the array belongs to the holder. */
    @SuppressWarnings("ArrayRecordComponent") // Passed from a worker to the writer, never compared.
    private record Prints(byte[] bytes, int documents) {}

    private Prints prints(List<Document> group, int shingle, @Nullable MinHash minHash) {
        ByteBuffer bytes = ByteBuffer.allocate(group.size() * (FIXED_BYTES + values * Integer.BYTES));
        for (Document document : group) {
            DocumentPrint print = DocumentPrint.of(document.text(), shingle, minHash);
            bytes.putLong(document.line()).putLong(print.high()).putLong(print.low());
            bytes.put((byte) (print.signature().length > 0 ? 1 : 0));
            for (int value : print.signature()) {
                bytes.putInt(value);
            }
        }
        return new Prints(Arrays.copyOf(bytes.array(), bytes.position()), group.size());
    }

    void read(long documents, Sink sink) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.state(name)), 1 << 16))) {
            for (long i = 0; i < documents; i++) {
                long line = in.readLong();
                long high = in.readLong();
                long low = in.readLong();
                int[] signature = new int[in.readByte() == 1 ? values : 0];
                for (int k = 0; k < signature.length; k++) {
                    signature[k] = in.readInt();
                }
                sink.accept(line, new DocumentPrint(high, low, signature));
            }
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(folder.state(name));
        Files.deleteIfExists(folder.state(name + ".json"));
    }
}
