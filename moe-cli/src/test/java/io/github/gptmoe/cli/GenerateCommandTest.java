package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {

    @ParameterizedTest
    @ValueSource(strings = {"--temperature 1", "--top-k 5", "--top-p 0.9"})
    void settingsThatABeamWouldIgnoreAreRefused(String drawing) {
        Call refused = moe(("generate --beam 2 " + drawing).split(" "));
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains("--beam").contains(drawing.split(" ")[0]);
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void promptsComeFromOnePlace() {
        Call refused = moe("generate", "--prompt", "a", "--prompts", "file");
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains("--prompt or --prompts, not both");
    }

    @Test
    void anEmptyFileHasNoPrompts(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("empty.txt"));
        Call refused = moe("generate", "--prompts", file.toString());
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains(file.toString()).contains("no prompts");
        Files.writeString(file, "\uFEFF");
        assertThat(moe("generate", "--prompts", file.toString()).status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void aFileThatCannotBeReadIsNamed(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.txt");
        Call refused = moe("generate", "--prompts", missing.toString());
        assertThat(refused.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(refused.err()).contains(missing.toString()).contains("--prompts");
        Path wrong = folder.resolve("gbk.txt");
        Files.write(wrong, new byte[] {(byte) 0xBD, (byte) 0xF1, '\n'});
        Call bytes = moe("generate", "--prompts", wrong.toString());
        assertThat(bytes.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(bytes.err()).contains("not UTF-8");
    }

    @Test
    void linesEndWithOrWithoutACarriageReturn(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("prompts.txt");
        Files.writeString(file, "a\r\n\n今天 \nlast");
        assertThat(PromptLines.read(file.toString())).containsExactly("a", "", "今天 ", "last");
        Files.writeString(file, "\n");
        assertThat(PromptLines.read(file.toString())).containsExactly("");
    }
}
