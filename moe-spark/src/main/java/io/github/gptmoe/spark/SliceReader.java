package io.github.gptmoe.spark;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.StretchRows;
import io.github.gptmoe.data.corpus.DocumentGroups;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the documents of slices. */
final class SliceReader {
    private final ClusterFiles files;
    private final StretchReader.Rules rules;

    /** Takes the documents of a group; the list is used again. */
    @FunctionalInterface
    interface GroupSink {
        /** Takes a group. */
        void accept(List<Document> group) throws IOException;
    }

    SliceReader(ClusterFiles files, StretchReader.Rules rules) {
        this.files = files;
        this.rules = rules;
    }

    /** Gives each document to the sink. */
    StretchRows read(Slice slice, StretchReader.Sink sink) throws IOException {
        JobInput input = slice.input();
        if (input.isParquet()) {
            return new ParquetRows(files, rules).read(slice, sink);
        }
        StretchReader.Stretch stretch =
                new StretchReader.Stretch(input.path(), slice.from(), slice.to(), slice.lineEndsBefore());
        return StretchReader.read(stretch, from -> files.open(input.uri(), from), rules, sink);
    }

    /** Gives documents in the groups of the one-machine run, whose ends decide the bytes of compressed outputs. */
    StretchRows readGroups(Slice slice, GroupSink sink) throws IOException {
        List<Document> group = new ArrayList<>();
        long[] characters = new long[1];
        StretchRows rows = read(slice, document -> {
            group.add(document);
            characters[0] += document.text().length();
            if (characters[0] >= DocumentGroups.GROUP_CHARACTERS) {
                sink.accept(group);
                group.clear();
                characters[0] = 0;
            }
        });
        if (!group.isEmpty()) {
            sink.accept(group);
        }
        return rows;
    }
}
