package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of {@link SentencePieceTokenizerTest}, changed ones, and the one of the samples: BPE, dummy prefix, NFKC. */
class ContinuationModelTest {
    /** Normalizer: a dummy prefix is added. */
    private static final byte[] DUMMY_PREFIX = {0x1A, 2, 0x18, 1};
    /** Trainer: U+2581 stands at the end of words. */
    private static final byte[] SPACE_IS_SUFFIX = {0x12, 3, (byte) 0xC0, 1, 1};

    private static final List<String> TEXTS = List.of(
            "今天早上下了一场小雨",
            " 今天",
            "  two  spaces at both ends  ",
            " ",
            "龘靐 emoji 😀🇨🇳",
            "The test",
            "\n\tlines\r\n",
            "x");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void joinsToTheWholeTextWhereTheModelKeepsAll(boolean dummyPrefix) throws IOException {
        Path file = dummyPrefix ? changed("tiny.model", DUMMY_PREFIX) : TestFiles.resource("tiny.model");
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(file)) {
            assertThat(tokenizer.piece(tokenizer.encode("今天")[0]).startsWith("\u2581"))
                    .isEqualTo(dummyPrefix);
            for (String first : TEXTS) {
                for (String second : TEXTS) {
                    assertThat(joined(tokenizer, first, second)).isEqualTo(first + second);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void joinsRandomUnicode(boolean dummyPrefix) throws IOException {
        Path file = dummyPrefix ? changed("tiny.model", DUMMY_PREFIX) : TestFiles.resource("tiny.model");
        Random random = new Random(5);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(file)) {
            for (int round = 0; round < 200; round++) {
                String first = text(random);
                String second = text(random);
                assertThat(joined(tokenizer, first, second)).isEqualTo(first + second);
            }
        }
    }

    @Test
    void withoutDummyPrefixItIsTheEncodingItself() throws IOException {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            for (String line : Files.readAllLines(TestFiles.resource("sentences.txt"))) {
                assertThat(tokenizer.encodeContinuation(line)).isEqualTo(tokenizer.encode(line));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"plain.model,'The test','The test'", "samples,可以没有,可以没有", "samples,这是一个什么时候的孩子,这是一个什么时候的孩子"})
    void putsNothingInFront(String name, String text, String pieces) {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(model(name))) {
            assertThat(pieces(tokenizer, tokenizer.encode(text))).startsWith("\u2581");
            assertThat(pieces(tokenizer, tokenizer.encodeContinuation(text))).isEqualTo(pieces.replace(' ', '\u2581'));
            assertThat(pieces(tokenizer, tokenizer.encodeContinuation(" " + text)))
                    .isEqualTo("\u2581" + pieces.replace(' ', '\u2581'));
        }
    }

    /** A space that the text itself has gives the tokens of a text that got its space from the dummy prefix. */
    @Test
    void aSpaceInFrontIsTheDummyPrefix() {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(model("samples"))) {
            for (String text : List.of("甲说可以", "我们已经到了", "一点 也不", "😀 什么")) {
                assertThat(tokenizer.encodeContinuation(" " + text)).isEqualTo(tokenizer.encode(text));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"我们", " 我们 已经", "龘😀\n", "每天 ", "手机，怎么"})
    void joinsByTheModelOfTheSamples(String second) {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(model("samples"))) {
            String whole = "今天 可以" + second;
            String kept = tokenizer.decode(tokenizer.encode(whole + "."));
            assertThat(joined(tokenizer, "今天 可以", second)).isEqualTo(kept.substring(0, kept.length() - 1));
        }
    }

    @Test
    void takesTheAnchorItselfAsText() {
        String anchor = new String(new int[] {0x100000, 0x100001, 0x100002}, 0, 3);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"))) {
            for (String text :
                    List.of(anchor, anchor.substring(0, 4), "x" + anchor + anchor + "y", anchor.substring(2))) {
                int[] ids = tokenizer.encodeContinuation(text);
                assertThat(tokenizer.decode(ids)).isEqualTo(text);
                assertThat(Arrays.stream(ids).max().orElseThrow()).isLessThan(tokenizer.vocabularySize());
            }
            assertThat(tokenizer.encodeContinuation("")).isEmpty();
        }
    }

    /** A self-test of the file says what the dummy prefix makes of a text; it holds for the file, not for what is made of it. */
    @Test
    void opensAModelWithSelfTests() throws IOException {
        byte[] text = "今天".getBytes(UTF_8);
        Path prefixed = changed("tiny.model", DUMMY_PREFIX);
        String expected;
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(prefixed)) {
            StringBuilder spaced = new StringBuilder();
            for (int id : tokenizer.encode("今天")) {
                spaced.append(spaced.isEmpty() ? "" : " ").append(tokenizer.piece(id));
            }
            expected = spaced.toString();
        }
        ByteArrayOutputStream sample = new ByteArrayOutputStream();
        writeField(sample, 0x0A, text);
        writeField(sample, 0x12, expected.getBytes(UTF_8));
        ByteArrayOutputStream tests = new ByteArrayOutputStream();
        writeField(tests, 0x0A, sample.toByteArray());
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.writeBytes(DUMMY_PREFIX);
        writeField(field, 0x22, tests.toByteArray());
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(changed("tiny.model", field.toByteArray()))) {
            assertThat(joined(tokenizer, "今天", "今天")).isEqualTo("今天今天");
        }
    }

    @Test
    void refusesAModelWhoseWordsEndWithTheirSpace() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(DUMMY_PREFIX);
        both.writeBytes(SPACE_IS_SUFFIX);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(changed("tiny.model", both.toByteArray()))) {
            assertThatThrownBy(() -> tokenizer.encodeContinuation("今天"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("changed.model: this SentencePiece model cannot encode a text that follows")
                    .hasMessageContaining("--treat_whitespace_as_suffix");
        }
    }

    private static void writeField(ByteArrayOutputStream out, int tag, byte[] content) {
        out.write(tag);
        out.write(content.length);
        out.writeBytes(content);
    }

    private static String joined(Tokenizer tokenizer, String first, String second) {
        return tokenizer.decode(IntStream.concat(
                        Arrays.stream(tokenizer.encode(first)), Arrays.stream(tokenizer.encodeContinuation(second)))
                .toArray());
    }

    private static String pieces(Tokenizer tokenizer, int[] ids) {
        StringBuilder text = new StringBuilder();
        Arrays.stream(ids).forEach(id -> text.append(tokenizer.piece(id)));
        return text.toString();
    }

    private static String text(Random random) {
        return random.ints(1 + random.nextInt(12), 1, 0x11000)
                .map(point -> point % 5 == 0 ? ' ' : point > 0x10000 ? 0x1F300 + point % 0x300 : point)
                .filter(point -> (point < 0xD800 || point > 0xDFFF) && point != 0x2581)
                .collect(() -> new StringBuilder("x"), StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Path model(String name) {
        return name.equals("samples") ? Path.of("../samples/zh.model") : TestFiles.resource(name);
    }

    /** Protobuf: what is appended wins. */
    private Path changed(String name, byte[] appended) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(Files.readAllBytes(TestFiles.resource(name)));
        bytes.writeBytes(appended);
        return Files.write(folder.resolve("changed.model"), bytes.toByteArray());
    }
}
