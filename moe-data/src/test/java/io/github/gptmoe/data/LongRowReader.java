package io.github.gptmoe.data;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Reads a file with a limit of 1 MiB and says what was in it. */
final class LongRowReader {
    private LongRowReader() {}

    public static void main(String[] args) {
        RowCounts counts = new RowCounts(new BadRowPolicy(BadRows.SKIP, 1, "", ""), row -> {});
        long documents = 0;
        try (DocumentReader reader = DocumentReader.open(
                List.of(Path.of(args[0])), counts, new RowLimit(1 << 20, LongRows.valueOf(args[1])))) {
            while (reader.next() != null) {
                documents++;
            }
        }
        PrintStream out = System.out;
        out.println(documents + " documents, " + counts.totals().bad() + " bad, "
                + counts.totals().cut() + " cut");
    }
}
