package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.gptmoe.train.checkpoint.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {
    private static final String CONTENT = "pieces of a tokenizer";

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();
    private RunFolder run;
    private Path tokenizer;
    private Path own;

    @BeforeEach
    void create() throws IOException {
        run = new RunFolder(folder.resolve("run"));
        run.create();
        tokenizer = Files.writeString(folder.resolve("zh.model"), CONTENT);
        own = folder.resolve("run/zh.model");
    }

    @Test
    void theTokenizerIsCopiedOnce() throws IOException {
        run.keepTokenizer(tokenizer, told::add);
        assertThat(own).hasContent(CONTENT);
        FileTime before = FileTime.fromMillis(1_000);
        Files.setLastModifiedTime(own, before);
        run.keepTokenizer(tokenizer, told::add);
        assertThat(Files.getLastModifiedTime(own)).isEqualTo(before);
        assertThat(told).isEmpty();
        assertThat(folder.resolve("run")).isDirectoryNotContaining("glob:**.tmp");
    }

    /** As stores of data keep their files. Its copy must be written, forced to the disk and one day replaced. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void theCopyOfAReadOnlyTokenizerIsOurs() throws IOException {
        assumeTrue(tokenizer.toFile().setReadOnly(), "this file system has no read-only files");
        run.keepTokenizer(tokenizer, told::add);
        assertThat(own).hasContent(CONTENT);
        assertThat(Files.getPosixFilePermissions(own)).contains(PosixFilePermission.OWNER_WRITE);
    }

    /** What a power cut can leave of a copy, and what another run has left. */
    @ParameterizedTest
    @ValueSource(strings = {"", "pieces of", "PIECES OF A TOKENIZER"})
    void aCopyThatDiffersIsReplacedAndSaid(String left) throws IOException {
        Files.writeString(own, left);
        run.keepTokenizer(tokenizer, told::add);
        assertThat(own).hasContent(CONTENT);
        assertThat(told).singleElement().asString().contains(own.toString(), tokenizer.toString(), "replaced");
    }

    @Test
    void aTokenizerInTheRunFolderIsItsOwnCopy() throws IOException {
        Files.copy(tokenizer, own);
        run.keepTokenizer(own, told::add);
        assertThat(own).hasContent(CONTENT);
        assertThat(told).isEmpty();
    }

    @Test
    void theConfigurationIsReplacedWhateverAnInterruptedCallLeft() throws IOException {
        Files.writeString(folder.resolve("run/config.yaml.tmp"), "half of a con");
        run.writeConfig(TinyRun.config("train.seed=1"));
        run.writeConfig(TinyRun.config("train.seed=5"));
        assertThat(run.readConfig().train().seed()).isEqualTo(5);
        assertThat(folder.resolve("run/config.yaml.tmp")).doesNotExist();
    }

    @Test
    void aFileStaysAsItWasWhenTheNewContentCannotBeWritten() {
        assertThatThrownBy(() -> DurableFile.replace(tokenizer, fresh -> {
                    Files.writeString(fresh, "half");
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(tokenizer).hasContent(CONTENT);
    }
}
