package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class PageCacheTest {
    @TempDir
    Path folder;

    @Test
    void whatWasJustWrittenIsInMemory() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[1 << 20]);
        assertThat(PageCache.residentShare(file)).hasValue(1);
        assertThat(PageCache.residentShare(Files.createFile(folder.resolve("empty"))))
                .hasValue(1);
        // Whether it is then forgotten is the file system's choice: one in memory cannot forget.
        assertThat(PageCache.drop(file)).isTrue();
        assertThat(PageCache.residentShare(file).orElseThrow()).isBetween(0.0, 1.0);
        assertThat(PageCache.drop(folder.resolve("absent"))).isFalse();
    }
}
