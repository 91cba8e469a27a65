package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {
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

    /** Nats of a document that fits the model, by float64 loops: its tokens and its end, after another's end. */
    private static double naiveNats(String document) {
        int end = trained.tokenizer().endOfDocument();
        List<Integer> ids = new ArrayList<>();
        ids.add(end);
        for (int id : trained.tokenizer().encode(document)) {
            ids.add(id);
        }
        double[][] rows = run.naive()
                .logProbabilities(ids.stream().mapToInt(Integer::intValue).toArray());
        ids.add(end);
        double nats = 0;
        for (int i = 1; i < ids.size(); i++) {
            nats -= rows[i - 1][ids.get(i)];
        }
        return nats;
    }

    @Test
    void filesAreMeasuredDocumentByDocument() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "small test\n小猫\n");
        Path json = Files.writeString(folder.resolve("b.jsonl"), "{\"text\": \"text\"}\n");
        PerplexityReport report = new Perplexity(trained).ofFiles(List.of(text, json));
        double nats = naiveNats("small test") + naiveNats("小猫") + naiveNats("text");
        long bytes = "small test小猫text".getBytes(StandardCharsets.UTF_8).length;
        assertThat(report.documents()).isEqualTo(3);
        assertThat(report.bytes()).isEqualTo(bytes);
        assertThat(report.nats()).isCloseTo(nats, within(1e-3));
        assertThat(report.natsPerToken()).isCloseTo(nats / report.tokens(), within(1e-4));
        assertThat(report.perplexity()).isCloseTo(Math.exp(nats / report.tokens()), within(0.1));
        assertThat(report.bitsPerByte()).isCloseTo(nats / Math.log(2) / bytes, within(1e-3));
    }

    @Test
    void manyAndLongDocumentsAddUp() {
        String longText = "tokens and more ".repeat(20);
        Perplexity perplexity = new Perplexity(trained);
        PerplexityReport one = perplexity.of(List.of(longText).iterator());
        assertThat(one.tokens()).isEqualTo(trained.tokenizer().encode(longText).length + 1);
        PerplexityReport many = perplexity.of(Collections.nCopies(257, "text").iterator());
        assertThat(many.documents()).isEqualTo(257);
        assertThat(many.nats()).isCloseTo(257 * naiveNats("text"), within(0.2));
    }

    @Test
    void missingFileIsNamed() {
        Path missing = folder.resolve("missing.txt");
        assertThatThrownBy(() -> new Perplexity(trained).ofFiles(List.of(missing)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(missing.toString());
    }
}
