package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of 5 GiB that is nearly all hole, so that it takes no room on the disk. */
class SafetensorsLargeFileTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    @Test
    void readsTensorsBeyondTwoGibibytes() throws IOException {
        long bigBytes = 4 * GIB + 4;
        String text = "{" + RawFile.entry("big", "F32", "[" + bigBytes / 4 + "]", 0, bigBytes) + ","
                + RawFile.entry("last", "I64", "[1]", bigBytes, bigBytes + 8) + "}";
        byte[] header = text.getBytes(StandardCharsets.UTF_8);
        long dataStart = 8L + header.length;
        Path path = folder.resolve("sparse.safetensors");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(RawFile.length(header.length)));
            channel.write(ByteBuffer.wrap(header));
            channel.write(number(17), dataStart + 3 * GIB - 8);
            channel.write(number(23), dataStart + 3 * GIB);
            channel.write(number(42), dataStart + bigBytes);
        } catch (IOException refused) {
            System.out.println("skipped: the file system refuses a sparse file of 5 GiB: " + refused);
            abort("no sparse files here");
        }

        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            List<ByteBuffer> slices = file.map(file.entry("big"));
            assertThat(slices)
                    .extracting(ByteBuffer::remaining)
                    .containsExactly((int) GIB, (int) GIB, (int) GIB, (int) GIB, 4);
            assertThat(slices.get(2).getLong((int) GIB - 8)).isEqualTo(17);
            assertThat(slices.get(3).getLong(0)).isEqualTo(23);
            assertThat(file.map(file.entry("last")).get(0).getLong()).isEqualTo(42);
        }
        Files.delete(path);
    }

    @Test
    void laysOutBeyondTwoGibibytes() throws IOException {
        TensorSource huge =
                TensorSource.of("huge", SafetensorType.BF16, new long[] {3 * GIB, 5}, ByteBuffer.allocate(0));
        assertThat(SafetensorsWriter.byteCount(Map.of(), List.of(huge))).isBetween(30 * GIB, 30 * GIB + 1_000);
    }

    private static ByteBuffer number(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .flip();
    }
}
