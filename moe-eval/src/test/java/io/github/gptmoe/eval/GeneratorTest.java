package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.GeneratedText.Stop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    private static final String PROMPT = "小猫";

    @TempDir
    static Path folder;

    private static TinyRun run;
    private static TrainedModel trained;

    @BeforeAll
    static void open() {
        run = TinyRun.create(folder);
        trained = TrainedModel.open(folder, Precision.FP32);
    }

    @AfterAll
    static void close() {
        trained.close();
    }

    private static GeneratedText generate(String prompt, int tokens, Decoding decoding) {
        return new Generator(trained).generate(prompt, tokens, decoding, text -> {});
    }

    /** The tokens that float64 loops over the whole text choose, one position after the other. */
    private static List<Integer> naiveGreedy(List<Integer> prompt, int tokens, int end) {
        List<Integer> ids = new ArrayList<>(prompt);
        while (ids.size() < prompt.size() + tokens) {
            double[][] rows = run.naive()
                    .logProbabilities(ids.stream().mapToInt(Integer::intValue).toArray());
            double[] row = rows[rows.length - 1];
            int best = 0;
            for (int id = 0; id < row.length; id++) {
                best = row[id] > row[best] ? id : best;
            }
            if (best == end) {
                break;
            }
            ids.add(best);
        }
        return ids.subList(prompt.size(), ids.size());
    }

    @Test
    void greedyIsTheArgmaxOfTheWholeModelAtEveryPosition() {
        int[] prompt = trained.tokenizer().encode(PROMPT);
        GeneratedText generated = generate(PROMPT, 12, new Greedy());
        assertThat(generated.ids())
                .isEqualTo(naiveGreedy(
                        Arrays.stream(prompt).boxed().toList(),
                        12,
                        trained.tokenizer().endOfDocument()))
                .isNotEmpty();
    }

    @Test
    void emptyPromptStartsAfterTheEndOfADocument() {
        int end = trained.tokenizer().endOfDocument();
        GeneratedText generated = generate("", 6, new Greedy());
        assertThat(generated.ids()).isEqualTo(naiveGreedy(List.of(end), 6, end)).isNotEmpty();
        assertThat(generated.text())
                .isEqualTo(trained.tokenizer()
                        .decode(generated.ids().stream()
                                .mapToInt(Integer::intValue)
                                .toArray()));
    }

    @Test
    void beamOfWidthOneIsGreedyOnTheModelToo() {
        assertThat(generate(PROMPT, 15, new BeamSearch(1, 1))).isEqualTo(generate(PROMPT, 15, new Greedy()));
    }

    @Test
    void widerBeamIsAtLeastAsProbable() {
        GeneratedText greedy = generate(PROMPT, 6, new Greedy());
        GeneratedText beam = generate(PROMPT, 6, new BeamSearch(4, 0));
        assertThat(beam.ids()).hasSameSizeAs(greedy.ids());
        assertThat(logProbability(beam)).isGreaterThanOrEqualTo(logProbability(greedy));
    }

    private static double logProbability(GeneratedText text) {
        int[] prompt = trained.tokenizer().encode(PROMPT);
        int[] ids = Arrays.copyOf(prompt, prompt.length + text.ids().size());
        for (int i = 0; i < text.ids().size(); i++) {
            ids[prompt.length + i] = text.ids().get(i);
        }
        return Arrays.stream(new SequenceScorer(trained).score(List.of(ids)).get(0))
                .skip(prompt.length)
                .sum();
    }

    @Test
    void sameSeedSameTextOtherSeedOtherText() {
        Sampling sampling = new Sampling(1, List.of(new TopK(200)), 5);
        GeneratedText first = generate(PROMPT, 15, sampling);
        assertThat(generate(PROMPT, 15, sampling)).isEqualTo(first);
        assertThat(generate(PROMPT, 15, new Sampling(1, List.of(new TopK(200)), 6)))
                .isNotEqualTo(first);
    }

    @Test
    void topKOfOneIsGreedy() {
        assertThat(generate(PROMPT, 10, new Sampling(3, List.of(new TopK(1)), 1)))
                .isEqualTo(generate(PROMPT, 10, new Greedy()));
    }

    @Test
    void stopsSayWhy() {
        int end = trained.tokenizer().endOfDocument();
        TokenChoice neverEnds = (logits, index) -> 300 + index;
        TokenChoice ends = (logits, index) -> index < 2 ? 300 : end;
        assertThat(generate("", 3, neverEnds).stop()).isEqualTo(Stop.TOKENS);
        GeneratedText full = generate("", 1000, neverEnds);
        assertThat(full.stop()).isEqualTo(Stop.CONTEXT);
        assertThat(full.ids()).hasSize(TinyRun.SEQUENCE_LENGTH);
        GeneratedText ended = generate("", 1000, ends);
        assertThat(ended.stop()).isEqualTo(Stop.END_OF_DOCUMENT);
        assertThat(ended.ids()).containsExactly(300, 300);
    }

    @Test
    void tooLongPromptIsRefusedWithBothLengths() {
        String prompt = "\u0001".repeat(TinyRun.SEQUENCE_LENGTH + 1);
        assertThatThrownBy(() -> generate(prompt, 1, new Greedy()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("25 tokens")
                .hasMessageContaining("look at 24");
    }

    @Test
    void streamedPiecesAreWholeCharactersAndJoinToTheText() {
        Tokenizer tokenizer = trained.tokenizer();
        // Characters outside the vocabulary become byte tokens; the last byte of the emoji is left out.
        int[] written = tokenizer.encode("鑫a😀b😀");
        int count = written.length - 1;
        TokenChoice recites = (logits, index) -> written[index];
        List<String> heard = new ArrayList<>();
        GeneratedText generated = new Generator(trained).generate(PROMPT, count, recites, heard::add);
        assertThat(String.join("", heard)).isEqualTo(generated.text());
        assertThat(generated.text()).startsWith("鑫a😀b").endsWith("\uFFFD");
        assertThat(heard.subList(0, heard.size() - 1)).noneMatch(piece -> piece.contains("\uFFFD"));
        assertThat(heard).contains("鑫", "😀").hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void nothingStaysAllocated() {
        int before = trained.manager().getManagedArrays().size();
        generate(PROMPT, 5, new Greedy());
        generate(PROMPT, 5, new BeamSearch(3, 1));
        assertThat(trained.manager().getManagedArrays()).hasSize(before);
    }
}
