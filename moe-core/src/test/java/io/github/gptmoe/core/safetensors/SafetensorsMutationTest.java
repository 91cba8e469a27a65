package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages a valid file in 20,000 ways. What is refused must be refused with the one exception type; what is accepted
 * must be what a naive reading of the damaged bytes says, and cover the data section exactly.
 */
class SafetensorsMutationTest {
    private static final int MUTATIONS = 5_000;
    private static final String[] TOKENS = {
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "-",
        "0",
        "9",
        "e9",
        ".",
        "null",
        "true",
        "\\ud800",
        "\\u0000",
        "F32",
        "BF16",
        "shape",
        "__metadata__",
        "99999999999999999999",
        "\u0000",
        "\u00e9"
    };

    private final ObjectMapper naive = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    @TempDir
    Path folder;

    @Test
    void refusesOrReadsWhatIsThere() throws IOException {
        byte[] valid = validFile();
        Random random = new Random(20_240_601);
        Path file = folder.resolve("mutated");
        int accepted = 0;
        int dataOnly = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = mutate(valid, random);
            Files.write(file, bytes);
            boolean headerUntouched = headerUntouched(valid, bytes);
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                accepted++;
                assertSameAsNaive(opened, bytes);
            } catch (SafetensorsException refused) {
                assertThat(refused).hasMessageContaining(file.toString());
                assertThat(headerUntouched)
                        .as("mutation %d changes data only: %s", i, refused.getMessage())
                        .isFalse();
            } catch (IOException | RuntimeException | Error escaped) {
                fail("mutation " + i + " escaped", escaped);
            }
            dataOnly += headerUntouched ? 1 : 0;
        }
        assertThat(dataOnly).isPositive();
        assertThat(accepted).isBetween(dataOnly, MUTATIONS / 2);
    }

    private byte[] validFile() throws IOException {
        Path file = folder.resolve("valid");
        Random random = new Random(3);
        byte[] weights = new byte[24];
        random.nextBytes(weights);
        SafetensorsWriter.write(
                file,
                Map.of("step", "100"),
                List.of(
                        TensorSource.of("a.w", SafetensorType.F32, new long[] {2, 3}, ByteBuffer.wrap(weights)),
                        TensorSource.of("空", SafetensorType.BF16, new long[] {0, 4}, ByteBuffer.allocate(0)),
                        TensorSource.of("s", SafetensorType.I64, new long[0], ByteBuffer.allocate(8))));
        return Files.readAllBytes(file);
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            if (bytes.length == 0) {
                return bytes;
            }
            int at = random.nextInt(bytes.length);
            bytes = switch (random.nextInt(7)) {
                case 0 -> flip(bytes, at, 1 << random.nextInt(8));
                case 1 -> flip(bytes, at, random.nextInt(256));
                case 2 -> Arrays.copyOf(bytes, at);
                case 3 -> splice(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), new byte[0]);
                case 4 -> splice(bytes, at, at, TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8));
                case 5 -> replaceDigit(bytes, at, random);
                default -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
            };
            if (random.nextBoolean() && bytes.length > 8) {
                repairLength(bytes, valid.length, valid);
            }
        }
        return bytes;
    }

    /** Keeps the declared length in step with insertions, so that damage inside the header is reached. */
    private static void repairLength(byte[] bytes, int validLength, byte[] valid) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long validHeader = ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        buffer.putLong(0, Math.max(0, validHeader + bytes.length - validLength));
    }

    private static byte[] replaceDigit(byte[] bytes, int from, Random random) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                bytes[i] = (byte) ('0' + random.nextInt(10));
                break;
            }
        }
        return bytes;
    }

    private static byte[] flip(byte[] bytes, int at, int mask) {
        bytes[at] ^= (byte) mask;
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] insert) {
        return ByteBuffer.allocate(bytes.length - (to - from) + insert.length)
                .put(bytes, 0, from)
                .put(insert)
                .put(bytes, to, bytes.length - to)
                .array();
    }

    private static boolean headerUntouched(byte[] valid, byte[] bytes) {
        int dataStart =
                8 + (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return bytes.length == valid.length && Arrays.equals(valid, 0, dataStart, bytes, 0, dataStart);
    }

    private void assertSameAsNaive(SafetensorsFile opened, byte[] bytes) throws IOException {
        int headerBytes =
                (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        JsonNode root = naive.readTree(new String(bytes, 8, headerBytes, StandardCharsets.UTF_8));
        int tensors = root.size() - (root.has("__metadata__") ? 1 : 0);
        assertThat(opened.entries()).hasSize(tensors);
        opened.metadata()
                .forEach((key, value) -> assertThat(
                                root.get("__metadata__").get(key).textValue())
                        .isEqualTo(value));
        long covered = 0;
        for (TensorEntry entry : opened.entries()) {
            JsonNode node = root.get(entry.name());
            assertThat(node.get("dtype").textValue()).isEqualTo(entry.type().name());
            assertThat(node.get("data_offsets").get(0).longValue()).isEqualTo(entry.begin());
            assertThat(node.get("data_offsets").get(1).longValue()).isEqualTo(entry.end());
            long product = entry.type().bytes();
            for (JsonNode size : node.get("shape")) {
                product *= size.longValue();
            }
            assertThat(product).isEqualTo(entry.byteCount());
            assertThat(entry.begin()).isEqualTo(covered);
            covered = entry.end();
            int from = 8 + headerBytes + (int) entry.begin();
            assertThat(SafetensorsRoundTripTest.bytes(opened, entry))
                    .isEqualTo(Arrays.copyOfRange(bytes, from, from + (int) entry.byteCount()));
        }
        assertThat(8 + headerBytes + covered).isEqualTo(bytes.length);
    }
}
