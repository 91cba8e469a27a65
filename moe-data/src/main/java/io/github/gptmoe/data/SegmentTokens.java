package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * An example of a segments file as {@code data.format: segments} trains on it, for whoever wants to score the same tokens.
 *
 * @param ids tokens of the segments, then the end-of-document id; another one stands before them. Not to be changed
 * @param kinds of each id, as the file calls them: {@code context}, {@code prompt} or {@code label}
 * @param weight how much the example counts
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on to a model as they are, never compared.
public record SegmentTokens(int[] ids, List<String> kinds, double weight) {
    /**
     * Copies the list.
     *
     * @param ids as above
     * @param kinds as above
     * @param weight as above
     */
    public SegmentTokens {
        kinds = List.copyOf(kinds);
    }

    /**
     * Reads a file.
     *
     * @param file of segments, {@code .jsonl}, plain or followed by .gz or .zst
     * @param tokenizer of the model
     * @param sequenceLength of the model; longer examples lose the middle of their context, as in training
     * @return its examples in order
     * @throws InputException if the file or a row of it cannot be read
     */
    public static List<SegmentTokens> read(Path file, Tokenizer tokenizer, int sequenceLength) {
        SegmentedFiles files =
                new SegmentedFiles(tokenizer, sequenceLength, 0, BadRows.FAIL, (rows, bytes, tokens, share) -> {});
        files.addTrain(List.of(file));
        return files.train().stream()
                .map(example -> new SegmentTokens(
                        example.ids(),
                        Arrays.stream(example.kinds())
                                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                                .toList(),
                        example.weight()))
                .toList();
    }
}
