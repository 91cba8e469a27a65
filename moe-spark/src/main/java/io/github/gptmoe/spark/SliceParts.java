package io.github.gptmoe.spark;

import io.github.gptmoe.data.corpus.OutputFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where tasks write the rows of slices: of a whole file under its name, of others into parts that are joined.
 *
 * @param folder the output folder
 * @param format of the outputs
 */
record SliceParts(OutFolder folder, Format format) implements java.io.Serializable {
    private static final String PARTS = "parts/";

    /** Whether the output is made of what several tasks write, or in another format. */
    boolean isJoined(Slice slice) {
        return !slice.isWholeFile() || format == Format.PARQUET;
    }

    /** What a task writes for a slice. */
    String target(Slice slice) {
        return isJoined(slice)
                ? folder.state(PARTS + slice.fileName() + ".jsonl")
                : folder.file(slice.input().outputName(format));
    }

    /** Joins what has to be; returns what is in each file, in the order of the files. */
    List<OutputFile.Content> join(JavaSparkContext spark, List<Slice> slices, List<OutputFile.Content> written)
            throws IOException {
        List<Slice> firsts = slices.stream()
                .filter(slice -> slice.part() == 0 && isJoined(slice))
                .toList();
        List<FileJoin> joins = new ArrayList<>();
        for (Slice first : firsts) {
            List<String> parts = slices.subList(indexOf(slices, first), indexOf(slices, first) + first.parts()).stream()
                    .map(this::target)
                    .toList();
            String target = folder.file(first.input().outputName(format));
            joins.add(new FileJoin(folder.files(), parts, target, format));
        }
        spark.setJobDescription("joining parts");
        List<OutputFile.Content> joined = joins.isEmpty()
                ? List.of()
                : spark.parallelize(joins, joins.size()).map(FileJoin::run).collect();
        folder.files().delete(folder.state(PARTS));
        List<OutputFile.Content> contents = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < slices.size(); i++) {
            if (slices.get(i).part() == 0) {
                contents.add(isJoined(slices.get(i)) ? joined.get(next++) : written.get(i));
            }
        }
        return contents;
    }

    private static int indexOf(List<Slice> slices, Slice slice) {
        return slice.number() - slices.get(0).number();
    }
}
