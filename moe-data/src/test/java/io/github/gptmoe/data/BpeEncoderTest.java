package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.SentencePieceModel.Piece;
import io.github.gptmoe.data.bpe.Alphabet;
import io.github.gptmoe.data.bpe.BpeConfig;
import io.github.gptmoe.data.bpe.BpeInput;
import io.github.gptmoe.data.bpe.BpeProgress;
import io.github.gptmoe.data.bpe.BpeTrainer;
import io.github.gptmoe.data.bpe.PieceRules;
import io.github.gptmoe.data.text.Normalization;
import io.github.gptmoe.data.text.TextRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The encoder in Java against the native library, which it replaces. */
class BpeEncoderTest {
    private static final Path SHIPPED = Path.of("..", "samples", "zh.model");

    @TempDir
    private Path folder;

    /** Models with different treatment of spaces and of characters that have no piece. */
    private Path model(String name) {
        TextRules text = switch (name) {
            case "standard" -> TextRules.STANDARD;
            case "identity" -> new TextRules(Normalization.IDENTITY, false, false);
            default -> new TextRules(Normalization.NFKC, true, false);
        };
        BpeConfig config = new BpeConfig(
                2000,
                false,
                0,
                text,
                PieceRules.STANDARD,
                new Alphabet(0.98, "", !name.equals("unknown")),
                new BpeConfig.Symbols(List.of("<cls>"), List.of()));
        Path file = folder.resolve(name + ".model");
        List<Path> samples = CorpusFiles.ofOption(
                "--input",
                List.of(
                        Path.of("..", "samples", "zh").toString(),
                        TestFiles.resource("sentences.txt").toString()));
        BpeTrainer.train(BpeInput.all(samples), config, null, 2, BpeProgress.NONE)
                .save(file);
        return file;
    }

    private static BpeEncoder encoder(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return Objects.requireNonNull(BpeEncoder.of(SentencePieceModel.parse(bytes), bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"standard", "identity", "unknown"})
    void realAndRandomTextGivesTheIdsOfTheLibrary(String name) throws IOException {
        Path model = model(name);
        BpeEncoder encoder = encoder(model);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            for (Document document : TestFiles.readAll(Path.of("..", "samples", "zh", "prose.jsonl"), BadRows.FAIL)) {
                assertSame(encoder, tokenizer, document.text());
            }
            for (String line : Files.readAllLines(TestFiles.resource("sentences.txt"))) {
                assertSame(encoder, tokenizer, line);
            }
            for (String text : List.of(
                    " ",
                    "   ",
                    "\u2581",
                    " \u2581 a",
                    "\u2581\u2581",
                    "a\u2581",
                    "  two  spaces \n lines\r\n\ttabs\u2028\u00a0",
                    "</s><unk><0x41>",
                    "龘靐齉爩 𠮷𡈽 rare",
                    "😀👨‍👩‍👧‍👦🇨🇳",
                    "ｆｕｌｌ width ﷽ e\u0301 \uFEFF",
                    "\uFFFD",
                    "哈".repeat(50),
                    "aaaaaaaaaaaa",
                    "今天".repeat(40_000))) {
                assertSame(encoder, tokenizer, text);
            }
            Random random = new Random(4);
            for (int round = 0; round < 2000; round++) {
                String text = random.ints(1 + random.nextInt(40), 1, 0x11000)
                        .map(point -> point > 0x10000 ? 0x1F300 + point % 0x300 : point)
                        .map(point -> random.nextInt(3) > 0 ? "今天早上的 abte".codePointAt(point % 10) : point)
                        .filter(point -> point < 0xD800 || point > 0xDFFF)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertSame(encoder, tokenizer, text);
            }
        }
    }

    private static void assertSame(BpeEncoder encoder, SentencePieceTokenizer tokenizer, String text) {
        if (!text.isEmpty()) {
            assertThat(encoder.encode(text)).as(text).isEqualTo(tokenizer.encodeNatively(text));
        }
    }

    /** Letters, marks, controls, halves of characters: whatever a program may be given. */
    private static String hostileText(Random random) {
        String common = "今天道理的是不了我ab 。,";
        StringBuilder text = new StringBuilder();
        int kind = random.nextInt(5);
        int length = 1 + random.nextInt(kind == 0 ? 200 : 30);
        for (int i = 0; i < length; i++) {
            switch (kind) {
                case 0 -> text.append(common.charAt(random.nextInt(common.length())));
                case 1 -> text.append((char) random.nextInt(0x3200));
                case 2 -> text.append((char) random.nextInt(0x10000));
                case 3 -> text.append((char) ('a' + random.nextInt(26))).append((char) (0x300 + random.nextInt(0x70)));
                default -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
            }
        }
        return text.toString();
    }

    /** Returns how many of the texts were encoded here. */
    private static int encodeHostileTexts(
            BpeEncoder encoder, SentencePieceTokenizer tokenizer, Random random, int texts) {
        int here = 0;
        for (int i = 0; i < texts; i++) {
            String text = hostileText(random);
            int[] ids = encoder.encode(text);
            if (ids != null) {
                assertThat(ids).as(text).isEqualTo(tokenizer.encodeNatively(text));
                here++;
            }
        }
        return here;
    }

    @Test
    void severalThreadsGetTheIdsOfTheLibraryForHostileTexts() throws Exception {
        Path model = model("standard");
        BpeEncoder encoder = encoder(model);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int seed = 0; seed < 4; seed++) {
                Random random = new Random(seed);
                tasks.add(() -> encodeHostileTexts(encoder, tokenizer, random, 1500));
            }
            int here = 0;
            for (Future<Integer> task : threads.invokeAll(tasks)) {
                here += task.get();
            }
            assertThat(here).isGreaterThan(3000);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void textsThatUtf8CannotCarryAreLeftToTheLibrary() throws IOException {
        BpeEncoder encoder = encoder(SHIPPED);
        assertThat(encoder.encode("a\0b")).isNull();
        assertThat(encoder.encode("a\uD83D")).isNull();
        assertThat(encoder.encode("\uDE00a")).isNull();
        assertThat(encoder.encode("\uD83D\uDE00")).isNotNull();
    }

    /** Appends to a model: protobuf joins what occurs twice. */
    private static byte[] with(byte[] model, int field, byte... message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(model);
        bytes.write((field << 3) | 2);
        bytes.write(message.length);
        bytes.writeBytes(message);
        return bytes.toByteArray();
    }

    private static boolean isEncodedHere(byte[] bytes) throws IOException {
        return BpeEncoder.of(SentencePieceModel.parse(bytes), bytes) != null;
    }

    @Test
    void modelsOfOtherKindsAreLeftToTheLibrary() throws IOException {
        byte[] plain = Files.readAllBytes(SHIPPED);
        assertThat(isEncodedHere(plain)).isTrue();
        byte user = 4;
        byte control = 3;
        assertThat(isEncodedHere(with(plain, 1, new byte[] {0x0A, 2, 'q', 'q', 0x18, user})))
                .isFalse();
        assertThat(isEncodedHere(with(plain, 1, new byte[] {0x0A, 2, 'q', 'q', 0x18, control})))
                .isTrue();
        assertThat(isEncodedHere(with(plain, 1, new byte[] {0x0A, 1, (byte) 0x7F, 0x18, control})))
                .isFalse();
        assertThat(isEncodedHere(with(plain, 2, new byte[] {0x18, 1})))
                .as("a unigram model")
                .isFalse();
        assertThat(isEncodedHere(with(plain, 3, new byte[] {0x28, 0})))
                .as("spaces as they are")
                .isFalse();
        assertThat(isEncodedHere(with(plain, 3, new byte[] {0x12, 3, 1, 2, 3})))
                .as("a broken table")
                .isFalse();
    }

    @Test
    void aTextThatTheLibraryRefusesNamesTheModel() throws IOException {
        byte control = 3;
        byte[] model = with(Files.readAllBytes(SHIPPED), 1, new byte[] {0x0A, 1, 'q', 0x18, control});
        Path file = Files.write(folder.resolve("control.model"), model);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(file)) {
            assertThat(tokenizer.encode("a")).isNotEmpty();
            assertThatThrownBy(() -> tokenizer.encode("aqa"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("control.model")
                    .hasMessageContaining("more than one character");
        }
    }

    @Test
    void equalScoresAreMergedFromTheLeftAndUnknownCharactersJoin() throws IOException {
        // A model by hand: ab and ba of one score, abc above both but made of ab; c is no piece of its own.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Piece piece : List.of(
                new Piece("<unk>", SentencePieceModel.Type.UNKNOWN, (byte) 0),
                new Piece("a", SentencePieceModel.Type.NORMAL, (byte) 0),
                new Piece("b", SentencePieceModel.Type.NORMAL, (byte) 0),
                new Piece("ab", SentencePieceModel.Type.NORMAL, (byte) 0),
                new Piece("ba", SentencePieceModel.Type.NORMAL, (byte) 0),
                new Piece("abc", SentencePieceModel.Type.NORMAL, (byte) 0))) {
            byte[] text = piece.text().getBytes(UTF_8);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(0x0A);
            message.write(text.length);
            message.writeBytes(text);
            // Scores as little-endian floats: 1 for abc, -1 for ab and ba.
            byte sign = (byte) (piece.text().equals("abc") ? 0x3F : 0xBF);
            message.writeBytes(new byte[] {0x15, 0, 0, (byte) 0x80, sign});
            if (piece.type() == SentencePieceModel.Type.UNKNOWN) {
                message.writeBytes(new byte[] {0x18, 2});
            }
            bytes.write(0x0A);
            bytes.write(message.size());
            bytes.writeBytes(message.toByteArray());
        }
        byte[] model = with(bytes.toByteArray(), 2, (byte) 0x18, (byte) 2);
        model = with(model, 3, (byte) 0x18, (byte) 0, (byte) 0x20, (byte) 0);
        Path file = Files.write(folder.resolve("hand.model"), model);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(file)) {
            assertThat(tokenizer.encode("aba")).containsExactly(3, 1);
            assertThat(tokenizer.encode("bab")).containsExactly(4, 2);
            assertThat(tokenizer.encode("abcab")).containsExactly(5, 3);
            assertThat(tokenizer.encode("accczb")).containsExactly(1, 0, 2);
            Random random = new Random(2);
            for (int round = 0; round < 500; round++) {
                StringBuilder text = new StringBuilder("b");
                random.ints(20, 0, 4).forEach(letter -> text.append("abcd".charAt(letter)));
                assertSame(encoder(file), tokenizer, text.toString());
            }
        }
    }
}
