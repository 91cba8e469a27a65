package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsRoundTripTest {
    @TempDir
    Path folder;

    @Test
    void keepsEveryTypeBitForBit() throws IOException {
        Random random = new Random(11);
        Map<String, byte[]> bytesByName = new LinkedHashMap<>();
        List<TensorSource> tensors = new ArrayList<>();
        for (SafetensorType type : SafetensorType.values()) {
            for (long[] shape : new long[][] {{}, {0}, {3}, {5, 0, 2}, {2, 3, 5}, {1, 1, 1, 1, 7}}) {
                String name = type + "." + tensors.size();
                byte[] bytes = new byte[(int) elements(shape) * type.bytes()];
                random.nextBytes(bytes);
                bytesByName.put(name, bytes);
                tensors.add(TensorSource.of(name, type, shape, ByteBuffer.wrap(bytes)));
            }
        }
        Path path = folder.resolve("all.safetensors");
        long size = SafetensorsWriter.write(path, Map.of("格式", "引号\" 反斜\\ 换行\n 🀄"), tensors);

        assertThat(Files.size(path)).isEqualTo(size);
        assertThat(SafetensorsWriter.byteCount(Map.of("格式", "引号\" 反斜\\ 换行\n 🀄"), tensors))
                .isEqualTo(size);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).containsExactly(Map.entry("格式", "引号\" 反斜\\ 换行\n 🀄"));
            assertThat(file.entries()).hasSize(tensors.size());
            for (TensorSource tensor : tensors) {
                TensorEntry entry = file.entry(tensor.name());
                assertThat(entry.type()).isEqualTo(tensor.type());
                assertThat(entry.shape().stream().mapToLong(Long::longValue)).containsExactly(boxed(tensor.shape()));
                assertThat(entry.elementCount()).isEqualTo(elements(tensor.shape()));
                assertThat(entry.begin() % entry.type().bytes())
                        .as("alignment of %s", entry)
                        .isZero();
                assertThat(bytes(file, entry)).isEqualTo(bytesByName.get(tensor.name()));
            }
        }
    }

    @Test
    void writesLargeTensorsInPiecesOfAnySize() throws IOException {
        byte[] content = new byte[3 * SafetensorsWriter.CHUNK_BYTES + 4];
        new Random(5).nextBytes(content);
        TensorSource pieces = source("big", new long[] {content.length / 4}, sink -> {
            Random random = new Random(6);
            ByteBuffer direct = ByteBuffer.allocateDirect(2_500_000);
            for (int done = 0; done < content.length; ) {
                int count = Math.min(random.nextInt(random.nextBoolean() ? 100 : 2_500_000), content.length - done);
                direct.clear().put(content, done, count).flip();
                sink.write(
                        random.nextBoolean()
                                ? direct
                                : ByteBuffer.wrap(content, done, count).asReadOnlyBuffer());
                done += count;
            }
        });
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        List<Integer> chunks = new ArrayList<>();
        Path path = folder.resolve("big.safetensors");
        SafetensorsWriter.write(path, Map.of(), List.of(pieces), bytes -> {
            chunks.add(bytes.remaining());
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            seen.writeBytes(copy);
        });

        assertThat(seen.toByteArray()).isEqualTo(Files.readAllBytes(path));
        assertThat(chunks.subList(0, 3)).containsOnly(SafetensorsWriter.CHUNK_BYTES);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(bytes(file, file.entry("big"))).isEqualTo(content);
        }
    }

    @Test
    void startsTheDataAtAMultipleOfEight() throws IOException {
        for (int length = 1; length < 20; length++) {
            Path path = folder.resolve("aligned-" + length);
            SafetensorsWriter.write(path, Map.of(), List.of(scalar("n".repeat(length))));
            byte[] bytes = Files.readAllBytes(path);
            assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8)
                    .isZero();
            assertThat(bytes.length % 8).isEqualTo(4);
        }
    }

    @Test
    void writesTheSameBytesTwiceAndKeepsTheOrderOfEqualWidths() throws IOException {
        List<TensorSource> tensors = List.of(
                TensorSource.of("mask", SafetensorType.BOOL, new long[] {3}, ByteBuffer.allocate(3)),
                scalar("z"),
                scalar("a"));
        SafetensorsWriter.write(folder.resolve("1"), Map.of("k", "v"), tensors);
        SafetensorsWriter.write(folder.resolve("2"), Map.of("k", "v"), tensors);
        assertThat(folder.resolve("1")).hasSameBinaryContentAs(folder.resolve("2"));
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("1"))) {
            assertThat(file.entries()).extracting(TensorEntry::name).containsExactly("z", "a", "mask");
        }
    }

    @Test
    void refusesWhatAFileCannotHold() {
        assertRefused("name is taken", scalar("a"), scalar("a"));
        assertRefused("name is taken", scalar("__metadata__"));
        assertRefused("unpaired surrogate", scalar("\ud83c"));
        assertRefused("cannot be stored", source("a", new long[] {-1}, sink -> {}));
        assertRefused("cannot be stored", source("a", new long[] {1L << 61}, sink -> {}));
        assertRefused("cannot be stored", source("a", new long[65], sink -> {}));
        assertRefused("writes 0 bytes, not the 4", source("a", new long[] {1}, sink -> {}));
        assertRefused("more than the 4", source("a", new long[] {1}, sink -> sink.write(ByteBuffer.allocate(5))));
    }

    private void assertRefused(String rule, TensorSource... tensors) {
        Path path = folder.resolve("refused");
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> SafetensorsWriter.write(path, Map.of(), List.of(tensors)))
                .withMessageContaining(path.toString())
                .withMessageContaining(rule);
        assertThat(path).doesNotExist();
    }

    @Test
    void leavesNothingBehindWhenATensorFails() {
        Path path = folder.resolve("failed");
        TensorSource failing = source("a", new long[] {1}, sink -> {
            throw new IOException("device gone");
        });
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> SafetensorsWriter.write(path, Map.of(), List.of(failing)))
                .withMessage("device gone");
        assertThat(path).doesNotExist();
    }

    @Test
    void neverOverwrites() throws IOException {
        Path path = Files.writeString(folder.resolve("precious"), "kept");
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> SafetensorsWriter.write(path, Map.of(), List.of()));
        assertThat(path).hasContent("kept");
    }

    @Test
    void mapsReadOnlyAndOnlyItsOwnEntries() throws IOException {
        Path path = folder.resolve("mapped");
        ByteBuffer content = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(1.5f)
                .putFloat(-2f)
                .flip();
        SafetensorsWriter.write(
                path, Map.of(), List.of(TensorSource.of("w", SafetensorType.F32, new long[] {2}, content)));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            ByteBuffer mapped = file.map(file.entry("w")).get(0);
            assertThat(mapped.getFloat(4)).isEqualTo(-2f);
            assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> mapped.put(0, (byte) 1));
            TensorEntry foreign = new TensorEntry("w", SafetensorType.U8, List.of(99L), 0, 99);
            assertThatIllegalArgumentException().isThrownBy(() -> file.map(foreign));
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> file.entry("b"))
                    .withMessageContaining("\"b\"");
            Files.write(path, new byte[10]);
            assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> file.map(file.entry("w")))
                    .withMessageContaining("shrunk");
        }
    }

    static byte[] bytes(SafetensorsFile file, TensorEntry entry) throws IOException {
        byte[] bytes = new byte[(int) entry.byteCount()];
        int done = 0;
        for (ByteBuffer slice : file.map(entry)) {
            int count = slice.remaining();
            slice.get(bytes, done, count);
            done += count;
        }
        assertThat(done).isEqualTo(bytes.length);
        return bytes;
    }

    private static TensorSource scalar(String name) {
        return TensorSource.of(name, SafetensorType.F32, new long[0], ByteBuffer.allocate(4));
    }

    private interface Body {
        void writeTo(ByteSink sink) throws IOException;
    }

    private static TensorSource source(String name, long[] shape, Body body) {
        return new TensorSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public SafetensorType type() {
                return SafetensorType.F32;
            }

            @Override
            public long[] shape() {
                return shape;
            }

            @Override
            public void writeTo(ByteSink sink) throws IOException {
                body.writeTo(sink);
            }
        };
    }

    private static long elements(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    private static Long[] boxed(long[] shape) {
        List<Long> sizes = new ArrayList<>();
        for (long size : shape) {
            sizes.add(size);
        }
        return Collections.unmodifiableList(sizes).toArray(Long[]::new);
    }
}
