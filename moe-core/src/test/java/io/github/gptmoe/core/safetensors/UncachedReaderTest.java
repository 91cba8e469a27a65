package io.github.gptmoe.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UncachedReaderTest {
    @TempDir
    Path folder;

    private UncachedReader open(Path file) {
        Optional<UncachedReader> reader = UncachedReader.open(file);
        if (reader.isEmpty()) {
            System.out.println("skipped: the file system of " + folder + " has no reads past its cache");
            abort("no reads past the cache here");
        }
        return reader.get();
    }

    @Test
    void anyRangeIsThatOfTheFile() throws IOException {
        Random random = new Random(3);
        byte[] content = new byte[9_500_123];
        random.nextBytes(content);
        Path file = Files.write(folder.resolve("file"), content);
        try (UncachedReader reader = open(file)) {
            for (int i = 0; i < 60; i++) {
                int from = random.nextInt(content.length + 1);
                int left = content.length - from;
                int length = i % 3 == 0 ? left : random.nextInt(Math.min(left, i % 3 == 1 ? 20_000 : 5_000_000) + 1);
                int offset = random.nextInt(7);
                ByteBuffer into = ByteBuffer.allocateDirect(offset + length).position(offset);
                reader.read(from, into);
                assertThat(into.hasRemaining()).isFalse();
                assertThat(into.position(offset)).isEqualTo(ByteBuffer.wrap(content, from, length));
            }
            assertThatExceptionOfType(EOFException.class)
                    .isThrownBy(() -> reader.read(content.length - 3, ByteBuffer.allocate(4)))
                    .withMessageContaining(file.toString())
                    .withMessageContaining("ends before byte " + content.length);
        }
    }

    @Test
    void aFileThatIsNotThereHasNoReader() {
        assertThat(UncachedReader.open(folder.resolve("absent"))).isEmpty();
    }
}
