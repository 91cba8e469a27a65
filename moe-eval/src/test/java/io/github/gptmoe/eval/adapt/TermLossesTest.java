package io.github.gptmoe.eval.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.TinyRun;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.adapt.TermLosses.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TermLossesTest {
    @TempDir
    Path folder;

    /** Mean over tokens, weighed by their examples, as loops count it. */
    private static final class Mean {
        private long tokens;
        private double weight;
        private double sum;

        void add(double log, double of) {
            tokens++;
            weight += of;
            sum -= of * log;
        }

        void assertSame(Term term) {
            assertThat(term.tokens()).isEqualTo(tokens);
            assertThat(term.loss()).isCloseTo(sum / weight, within(1e-4));
        }
    }

    @Test
    void eachTermIsTheMeanOfItsTokens() throws IOException {
        Path file = folder.resolve("segments.jsonl");
        Files.write(
                file,
                List.of(
                        "{\"segments\":[{\"kind\":\"context\",\"text\":\"很小\"},{\"kind\":\"prompt\",\"text\":\"是\"},"
                                + "{\"kind\":\"label\",\"text\":\"好\"}],\"weight\":0.25}",
                        "{\"segments\":[{\"kind\":\"context\",\"text\":\"会飞\"}],\"weight\":2}"));
        TinyRun run = TinyRun.create(folder.resolve("run"));
        try (TrainedModel trained = TrainedModel.open(run.folder(), Precision.FP32)) {
            Mean context = new Mean();
            Mean prompt = new Mean();
            Mean label = new Mean();
            Tokenizer tokenizer = trained.tokenizer();
            int[] end = {tokenizer.endOfDocument()};
            int[] small = tokenizer.encode("很小");
            int[] is = tokenizer.encodeContinuation("是");
            int[] good = tokenizer.encodeContinuation("好");
            // The end belongs to the last segment that is no label.
            add(run, 0.25, List.of(end, small, is, good, end), List.of(context, prompt, label, prompt));
            add(run, 2, List.of(end, tokenizer.encode("会飞"), end), List.of(context, context));

            TermLosses losses = TermLosses.of(trained, file);

            context.assertSame(losses.context());
            prompt.assertSame(losses.prompt());
            label.assertSame(losses.label());
        }
    }

    @Test
    void aTermWithoutTokensHasNoLoss() throws IOException {
        Path file = folder.resolve("segments.jsonl");
        Files.writeString(file, "{\"segments\":[{\"kind\":\"context\",\"text\":\"会飞\"}]}\n");
        try (TrainedModel trained =
                TrainedModel.open(TinyRun.create(folder.resolve("run")).folder(), Precision.FP32)) {
            TermLosses losses = TermLosses.of(trained, file);
            assertThat(losses.label().tokens()).isZero();
            assertThat(losses.label().loss()).isNaN();
            assertThat(losses.context().loss()).isPositive();
        }
    }

    /** The first part is not predicted; each other goes to its mean. */
    private static void add(TinyRun run, double weight, List<int[]> parts, List<Mean> means) {
        int[] ids = parts.stream().flatMapToInt(IntStream::of).toArray();
        double[][] logs = run.naive().logProbabilities(ids);
        int at = 1;
        for (int part = 1; part < parts.size(); part++) {
            for (int id : parts.get(part)) {
                means.get(part - 1).add(logs[at - 1][id], weight);
                at++;
            }
        }
    }
}
