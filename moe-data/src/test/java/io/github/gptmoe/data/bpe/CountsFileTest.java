package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.text.Normalization;
import io.github.gptmoe.data.text.TextRules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counting that is stopped and goes on. */
class CountsFileTest {
    private static final BpeConfig CONFIG = new BpeConfig(
            3000,
            false,
            2000,
            TextRules.STANDARD,
            PieceRules.STANDARD,
            new Alphabet(0.9995, "", true),
            BpeConfig.Symbols.NONE);

    @TempDir
    private Path folder;

    private Path counts;
    private BpeInput input;

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Stops at a sentence, or never if that is 0, and remembers what it heard. */
    private static final class Watcher implements BpeProgress {
        private final long stopAt;
        private final List<Long> heard = new ArrayList<>();

        Watcher(long stopAt) {
            this.stopAt = stopAt;
        }

        @Override
        public void read(long sentences, double fraction) {
            heard.add(sentences);
            if (sentences == stopAt) {
                throw new Stopped();
            }
        }

        @Override
        public void merged(int pieces, int wanted) {}
    }

    @BeforeEach
    void writeText() throws IOException {
        counts = folder.resolve("zh.counts");
        List<String> sample = Sentences.sample();
        List<Path> files = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            List<String> lines = new ArrayList<>();
            for (int i = file; i < sample.size(); i += 3) {
                lines.add(sample.get(i));
            }
            lines.set(5, "长".repeat(800));
            lines.set(7, "\u2585");
            files.add(Files.write(folder.resolve(file + ".txt"), lines, UTF_8));
        }
        input = BpeInput.all(files);
    }

    private TrainedTokenizer train(BpeConfig config, Watcher watcher) {
        return BpeTrainer.train(input, config, counts, 2, watcher);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 400, 900})
    void goingOnGivesWhatOneCallGives(long stopAt) {
        TrainedTokenizer inOne = BpeTrainer.train(input, CONFIG, null, 2, BpeProgress.NONE);
        assertThatThrownBy(() -> train(CONFIG, new Watcher(stopAt))).isInstanceOf(Stopped.class);
        assertThatThrownBy(() -> train(CONFIG, new Watcher(stopAt + 3))).isInstanceOf(Stopped.class);
        Watcher watcher = new Watcher(0);
        TrainedTokenizer goneOn = train(CONFIG, watcher);
        assertThat(watcher.heard.get(0)).isEqualTo(stopAt + 4);
        assertThat(goneOn.model()).isEqualTo(inOne.model());
        assertThat(goneOn.report())
                .usingRecursiveComparison()
                .ignoringFields("readSeconds", "trainSeconds")
                .isEqualTo(inOne.report());
        assertThat(inOne.report().longSentences()).isEqualTo(3);
        assertThat(inOne.report().reservedSentences()).isEqualTo(3);
    }

    @Test
    void anotherVocabularyOfTheSameTextNeedsNoReading() {
        train(CONFIG, new Watcher(0));
        BpeConfig larger =
                new BpeConfig(3500, false, 2000, CONFIG.text(), CONFIG.pieces(), CONFIG.alphabet(), CONFIG.symbols());
        Watcher watcher = new Watcher(0);
        TrainedTokenizer trained = train(larger, watcher);
        assertThat(watcher.heard).hasSize(1);
        assertThat(trained.model())
                .isEqualTo(BpeTrainer.train(input, larger, null, 1, BpeProgress.NONE)
                        .model());
    }

    @Test
    void countsOfAnotherTextAreRefused() throws IOException {
        train(CONFIG, new Watcher(0));
        Files.writeString(input.files().get(1), "今天\n");
        assertThatThrownBy(() -> train(CONFIG, new Watcher(0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("zh.counts was counted from other files");
        Files.writeString(counts, "something else");
        assertThatThrownBy(() -> train(CONFIG, new Watcher(0))).hasMessageContaining("is no file of counted words");
    }

    @Test
    void countsOfAnotherNormalisationAreRefused() {
        train(CONFIG, new Watcher(0));
        BpeConfig other = new BpeConfig(
                3000,
                false,
                2000,
                new TextRules(Normalization.IDENTITY, true, true),
                CONFIG.pieces(),
                CONFIG.alphabet(),
                CONFIG.symbols());
        assertThatThrownBy(() -> train(other, new Watcher(0))).hasMessageContaining("another normalisation");
    }

    @Test
    void damageIsFound() throws IOException {
        train(CONFIG, new Watcher(0));
        byte[] sound = Files.readAllBytes(counts);
        for (int at : new int[] {90, sound.length / 2, sound.length - 3}) {
            byte[] damaged = sound.clone();
            damaged[at] ^= 1;
            Files.write(counts, damaged);
            assertThatThrownBy(() -> train(CONFIG, new Watcher(0)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("zh.counts cannot be read");
        }
        Files.write(counts, Arrays.copyOf(sound, sound.length - 100));
        assertThatThrownBy(() -> train(CONFIG, new Watcher(0))).hasMessageContaining("zh.counts cannot be read");
    }

    @Test
    void aDamagedLengthAsksForNoMoreMemoryThanTheFileHas() throws IOException {
        train(CONFIG, new Watcher(0));
        byte[] damaged = Files.readAllBytes(counts);
        int characters = Long.BYTES + Short.BYTES + 64 + 1 + Integer.BYTES + 5 * Long.BYTES;
        ByteBuffer.wrap(damaged).putLong(characters, Long.MAX_VALUE);
        int firstWord = characters + Long.BYTES + Integer.BYTES;
        // Counted once, and as long as an integer can say.
        byte[] word = {1, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 7};
        System.arraycopy(word, 0, damaged, firstWord, word.length);
        Files.write(counts, damaged);
        assertThatThrownBy(() -> train(CONFIG, new Watcher(0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a word of 2147483647 characters");
    }

    @Test
    void aSampleIsNotKept() {
        BpeInput sample = new BpeInput(input.files(), BadRows.FAIL, 10, 1);
        assertThatThrownBy(() -> BpeTrainer.train(sample, CONFIG, counts, 1, BpeProgress.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("leave out --counts or --sample");
    }
}
