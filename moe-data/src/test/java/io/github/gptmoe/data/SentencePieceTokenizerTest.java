package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code tiny.model}: byte fallback, identity normalization, no dummy prefix. {@code plain.model}: dummy prefix, extra
 * whitespace removed, no byte fallback, no end-of-sentence piece. Both were trained on {@code sentences.txt}.
 */
class SentencePieceTokenizerTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "今天早上下了一场小雨，街上的人都打着伞。",
                "龘靐齉爩 𠮷𡈽 rare",
                "emoji 😀👨‍👩‍👧‍👦🇨🇳 end",
                "  two  spaces \n lines\r\n\ttabs\u2028\u00a0",
                "{\"json\": \"</s><unk><0x41>\"}",
                "ｆｕｌｌ width ﷽ e\u0301 \uFEFF",
                "x",
            })
    void roundTripsEveryText(String text) {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            int[] ids = tokenizer.encode(text);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
            assertThat(ids).doesNotContain(tokenizer.endOfDocument());
        }
    }

    @Test
    void roundTripsRandomUnicode() {
        Random random = new Random(7);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            for (int round = 0; round < 300; round++) {
                String text = random.ints(30, 1, 0x11000)
                        .map(point -> point > 0x10000 ? 0x1F300 + point % 0x300 : point)
                        .filter(point -> (point < 0xD800 || point > 0xDFFF) && point != 0x2581)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void knowsTheVocabulary() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(540);
            assertThat(tokenizer.piece(0)).isEqualTo("<unk>");
            assertThat(tokenizer.piece(3)).isEqualTo("<0x00>");
            assertThat(tokenizer.endOfDocument()).isEqualTo(2);
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.decode(new int[0])).isEmpty();
            int[] ids = tokenizer.encode("今天早上\n");
            assertThat(tokenizer.piece(ids[ids.length - 1])).isEqualTo("<0x0A>");
        }
    }

    @Test
    void idsAgreeWithThePieceTable() throws IOException {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            for (String line : Files.readAllLines(TestFiles.resource("sentences.txt"))) {
                StringBuilder joined = new StringBuilder();
                IntStream.of(tokenizer.encode(line)).forEach(id -> joined.append(tokenizer.piece(id)));
                assertThat(joined.toString().replace('\u2581', ' ')).isEqualTo(line);
            }
        }
    }

    @Test
    void brokenByteSequencesBecomeReplacementCharacters() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            int[] emoji = tokenizer.encode("😀");
            assertThat(emoji).hasSize(4);
            assertThat(tokenizer.decode(Arrays.copyOf(emoji, 3))).isEqualTo("\uFFFD");
        }
    }

    @Test
    void undoesTheDummyPrefix() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("plain.model"))) {
            assertThat(tokenizer.endOfDocument()).isZero();
            assertThat(tokenizer.decode(tokenizer.encode("  The  test 今天 "))).isEqualTo("The test 今天");
            // The same text as spm_decode of SentencePiece 0.2 gives for an unknown piece.
            assertThat(tokenizer.decode(tokenizer.encode("The 龘"))).isEqualTo("The  \u2047 ");
        }
    }

    @Test
    void refusesIdsOutOfRange() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            assertThatThrownBy(() -> tokenizer.decode(new int[] {540})).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tokenizer.piece(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void encodesInSeveralThreadsAtOnce() throws Exception {
        List<String> lines = Files.readAllLines(TestFiles.resource("sentences.txt"));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            List<int[]> expected = lines.stream().map(tokenizer::encode).toList();
            List<Future<Boolean>> results = IntStream.range(0, 400)
                    .mapToObj(task -> threads.submit(() -> {
                        int line = task % lines.size();
                        return Arrays.equals(tokenizer.encode(lines.get(line)), expected.get(line));
                    }))
                    .toList();
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void fingerprintFollowsTheContent() throws IOException {
        Path copy = Files.copy(TestFiles.resource("tiny.model"), folder.resolve("copy.model"));
        try (Tokenizer first = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"));
                Tokenizer second = SentencePieceTokenizer.open(copy);
                Tokenizer other = SentencePieceTokenizer.open(TestFiles.resource("plain.model"))) {
            assertThat(first.fingerprint()).isEqualTo(second.fingerprint()).isNotEqualTo(other.fingerprint());
        }
    }

    @Test
    void namesAFileThatIsNoModel() throws IOException {
        for (byte[] bytes : List.of(new byte[0], "hello world".getBytes(UTF_8), new byte[] {10, -1, -1, -1, -1, 7})) {
            Path file = Files.write(folder.resolve("bad.model"), bytes);
            assertThatThrownBy(() -> SentencePieceTokenizer.open(file))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("bad.model: not a usable SentencePiece model");
        }
        assertThatThrownBy(() -> SentencePieceTokenizer.open(folder.resolve("none.model")))
                .hasMessageContaining("none.model: the file does not exist");
        assertThatThrownBy(() -> SentencePieceTokenizer.open(folder)).hasMessageContaining("is a folder");
    }

    /** Whatever happens to the bytes, parsing ends with a model or an IOException. */
    @Test
    void parserSurvivesDamage() throws IOException {
        byte[] whole = Files.readAllBytes(TestFiles.resource("tiny.model"));
        Random random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 900; round++) {
            byte[] damaged = Arrays.copyOf(whole, round % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int flips = 0; flips < 3 && damaged.length > 0; flips++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(SentencePieceModel.parse(damaged).pieces()).isNotEmpty();
            } catch (IOException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(300);
    }
}
