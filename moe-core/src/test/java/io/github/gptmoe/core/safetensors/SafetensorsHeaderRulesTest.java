package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One attack a rule: each file is right except for the one thing its row names. */
class SafetensorsHeaderRulesTest {
    private static final String OK = "\"ok\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}";

    @TempDir
    Path folder;

    static Stream<Arguments> headers() {
        return Stream.of(
                arguments("[]", 0, "does not start with '{'"),
                arguments("", 0, "does not start with '{'"),
                arguments(" {}", 0, "does not start with '{'"),
                arguments("\uFEFF{}", 0, "does not start with '{'"),
                arguments("{\0}\0", 0, "not valid JSON"),
                arguments("{", 0, "not valid JSON"),
                arguments("{" + OK, 4, "not valid JSON"),
                arguments("{'a':1}", 0, "not valid JSON"),
                arguments("{\"__metadata__\":{\"a\":\"line\nbreak\"}}", 0, "not valid JSON"),
                arguments("{} {}", 0, "behind its JSON object"),
                arguments("{}x", 0, "not valid JSON"),
                arguments("{" + OK + "," + OK + "}", 4, "duplicate key: two tensors"),
                arguments("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "duplicate key __metadata__"),
                arguments("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, "duplicate metadata key \"a\""),
                arguments("{\"__metadata__\":[]}", 0, "metadata must be a JSON object"),
                arguments("{\"__metadata__\":null}", 0, "metadata must be a JSON object"),
                arguments("{\"__metadata__\":{\"a\":1}}", 0, "value of \"a\" must be a string"),
                arguments("{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, "value of \"a\" must be a string"),
                arguments("{\"__metadata__\":{\"a\":\"\\ud800\"}}", 0, "unpaired surrogate"),
                arguments("{\"\\udc00\":{}}", 0, "unpaired surrogate"),
                arguments("{\"t\":[]}", 0, "entry must be a JSON object"),
                arguments("{\"t\":null}", 0, "entry must be a JSON object"),
                arguments("{\"t\":{\"dtype\":\"U8\",\"shape\":[4]}}", 4, "needs dtype, shape and data_offsets"),
                arguments("{\"t\":{\"dtype\":\"U8\",\"data_offsets\":[0,4]}}", 4, "needs dtype, shape"),
                arguments("{\"t\":{\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "needs dtype, shape"),
                arguments("{\"t\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 4, "duplicate key dtype"),
                arguments("{\"t\":{\"shape\":[4],\"shape\":[4]}}", 4, "duplicate key shape"),
                arguments("{\"t\":{\"data_offsets\":[0,4],\"data_offsets\":[0,4]}}", 4, "duplicate key data_offsets"),
                arguments("{\"t\":{\"color\":1}}", 0, "unknown key \"color\""),
                arguments("{\"t\":{\"dtype\":7}}", 0, "dtype must be a string"),
                entry("U9", "[4]", "[0,4]", 4, "unknown dtype \"U9\""),
                entry("f32", "[1]", "[0,4]", 4, "unknown dtype \"f32\""),
                entry("U8", "4", "[0,4]", 4, "shape must be an array"),
                entry("U8", "[-4]", "[0,4]", 4, "shape must not hold negative numbers"),
                entry("U8", "[-0]", "[0,0]", 0, "shape must not hold negative numbers"),
                entry("U8", "[4.0]", "[0,4]", 4, "shape must hold whole numbers"),
                entry("U8", "[4e0]", "[0,4]", 4, "shape must hold whole numbers"),
                entry("U8", "[\"4\"]", "[0,4]", 4, "shape must hold whole numbers"),
                entry("U8", "[[4]]", "[0,4]", 4, "shape must hold whole numbers"),
                entry("U8", "[4,null]", "[0,4]", 4, "shape must hold whole numbers"),
                entry("U8", "[9223372036854775808]", "[0,4]", 4, "more than 63 bits"),
                entry("U8", "[18446744073709551620]", "[0,4]", 4, "more than 63 bits"),
                entry("U8", "[" + "9".repeat(2_000) + "]", "[0,4]", 4, "not valid JSON"),
                entry("U8", ones(65), "[0,1]", 1, "more than 64 numbers"),
                entry("U8", "[4294967296,4294967296]", "[0,0]", 0, "overflows"),
                entry("U8", "[4294967296,4294967296,0]", "[0,0]", 0, "overflows"),
                entry("F64", "[2305843009213693952]", "[0,0]", 0, "overflows"),
                entry("I16", "[9223372036854775807]", "[0,0]", 0, "overflows"),
                entry("U8", "[4]", "[0]", 4, "two numbers"),
                entry("U8", "[4]", "[0,4,8]", 4, "two numbers"),
                entry("U8", "[4]", "[-4,0]", 4, "data_offsets must not hold negative"),
                entry("U8", "[4]", "[0,4.5]", 4, "data_offsets must hold whole"),
                entry("U8", "[4]", "[4,0]", 4, "end before they begin"),
                entry("U8", "[5]", "[0,4]", 4, "needs 5 bytes, data_offsets give 4"),
                entry("F32", "[4]", "[0,4]", 4, "needs 16 bytes, data_offsets give 4"),
                entry("F32", "[]", "[0,8]", 8, "needs 4 bytes, data_offsets give 8"),
                entry("U8", "[4]", "[1,5]", 5, "leaves a hole"),
                entry("U8", "[8]", "[0,8]", 7, "holds only 7 bytes"),
                entry("U8", "[8]", "[0,8]", 9, "1 bytes lie behind the last tensor"),
                arguments("{}", 1, "1 bytes lie behind the last tensor"),
                arguments("{" + OK + "," + RawFile.entry("t", "U8", "[4]", 3, 7) + "}", 7, "overlaps"),
                arguments("{" + OK + "," + RawFile.entry("t", "U8", "[4]", 0, 4) + "}", 4, "overlaps"),
                arguments("{" + OK + "," + RawFile.entry("t", "U8", "[4]", 5, 9) + "}", 9, "leaves a hole"));
    }

    private static Arguments entry(String type, String shape, String offsets, int dataBytes, String rule) {
        String text = "{\"t\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}".formatted(type, shape, offsets);
        return arguments(text, dataBytes, rule);
    }

    private static String ones(int count) {
        return "[" + "1,".repeat(count - 1) + "1]";
    }

    @ParameterizedTest
    @MethodSource("headers")
    void refusesTheHeader(String header, int dataBytes, String rule) throws IOException {
        Path file = RawFile.write(folder.resolve("attack.safetensors"), header, dataBytes);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .withMessageContaining(file.toString())
                .withMessageContaining(rule)
                .satisfies(error -> assertThat(error.file()).isEqualTo(file));
    }

    @Test
    void namesTheTensor() throws IOException {
        Path file = RawFile.write(folder.resolve("f"), "{" + RawFile.entry("blocks.0.w", "F32", "[2]", 0, 4) + "}", 4);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .satisfies(error -> assertThat(error.tensor()).isEqualTo("blocks.0.w"))
                .satisfies(error -> assertThat(error.rule()).startsWith("shape [2] of F32"));
    }

    @Test
    void refusesInvalidUtf8() throws IOException {
        byte[][] sequences = {
            {(byte) 0xff},
            {(byte) 0xc0, (byte) 0xaf},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xe4, (byte) 0xb8}
        };
        for (byte[] sequence : sequences) {
            String latin = new String(sequence, StandardCharsets.ISO_8859_1);
            byte[] header = ("{\"__metadata__\":{\"a\":\"" + latin + "\"}}").getBytes(StandardCharsets.ISO_8859_1);
            Path file = RawFile.write(folder.resolve("utf8"), header, 0);
            assertThatExceptionOfType(SafetensorsException.class)
                    .as(Arrays.toString(sequence))
                    .isThrownBy(() -> SafetensorsFile.open(file))
                    .withMessageContaining("not valid UTF-8");
        }
    }

    @Test
    void refusesInvalidUtf8BehindTheObject() throws IOException {
        Path file = RawFile.write(folder.resolve("utf8"), new byte[] {'{', '}', ' ', (byte) 0xe4}, 0);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .withMessageContaining("not valid UTF-8");
    }

    @Test
    void refusesHeaderLengths() throws IOException {
        long[] lengths = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001L, 3, 100_000_000L};
        String[] rules = {
            "18446744073709551615 is over",
            "9223372036854775808 is over",
            "is over the limit",
            "is over the limit",
            "beyond the end",
            "beyond the end"
        };
        for (int i = 0; i < lengths.length; i++) {
            Path file = folder.resolve("length");
            byte[] bytes = Arrays.copyOf(RawFile.length(lengths[i]), 10);
            bytes[8] = '{';
            bytes[9] = '}';
            Files.write(file, bytes);
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> SafetensorsFile.open(file))
                    .withMessageContaining(rules[i]);
        }
    }

    @Test
    void refusesFilesThatAreTooShort() throws IOException {
        for (int bytes = 0; bytes < 8; bytes++) {
            Path file = Files.write(folder.resolve("short"), new byte[bytes]);
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> SafetensorsFile.open(file))
                    .withMessageContaining("too few");
        }
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder))
                .withMessageContaining("not a regular file");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> SafetensorsFile.open(folder.resolve("absent")));
    }

    @Test
    void refusesDeepNesting() throws IOException {
        String deep = "[".repeat(100_000);
        Path file = RawFile.write(folder.resolve("deep"), "{\"t\":{\"shape\":" + deep, 0);
        assertThatExceptionOfType(SafetensorsException.class).isThrownBy(() -> SafetensorsFile.open(file));
    }

    @Test
    void keepsHostileNamesOutOfMessages() throws IOException {
        String name = "\\u001b[31m" + "x".repeat(1_000);
        Path file = RawFile.write(folder.resolve("name"), "{\"" + name + "\":1}", 0);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsFile.open(file))
                .satisfies(error -> assertThat(error.getMessage())
                        .doesNotContain("\u001b")
                        .hasSizeLessThan(folder.toString().length() + 250));
    }

    @Test
    void acceptsWhatTheRulesAllow() throws IOException {
        String header = "{ " + RawFile.entry("late", "I8", "[2,2]", 4, 8) + ", " + OK + ", "
                + RawFile.entry("empty", "F64", "[0,9]", 4, 4) + "}   ";
        try (SafetensorsFile file = SafetensorsFile.open(RawFile.write(folder.resolve("ok"), header, 8))) {
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("ok", "empty", "late");
            assertThat(file.metadata()).isEmpty();
        }
        try (SafetensorsFile file = SafetensorsFile.open(RawFile.write(folder.resolve("none"), "{}", 0))) {
            assertThat(file.entries()).isEmpty();
        }
    }
}
