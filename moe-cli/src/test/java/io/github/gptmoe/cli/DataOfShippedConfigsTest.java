package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The module's folder, in which tests run, has no samples/: like any folder that a person may call moe from. */
class DataOfShippedConfigsTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @AfterEach
    void clear() {
        System.clearProperty(ConfigOptions.HOME_PROPERTY);
    }

    private Call pretrain(String config) {
        return moe(
                "pretrain",
                "--config",
                config,
                "--out",
                folder.resolve("run").toString(),
                "--set",
                "data.cache=" + folder.resolve("cache"),
                "--set",
                "train={globalBatch: 1, microBatch: 1, steps: 1, validationBatches: 1, optimizer: {learningRate: 1e-3}}",
                "--set",
                "report.samplePrompt=''");
    }

    @Test
    void samplesAreFoundInTheProjectFolderFromAnywhere() throws IOException {
        System.setProperty(ConfigOptions.HOME_PROPERTY, PROJECT.toString());
        Call call = pretrain("quickstart");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.err())
                .contains("data.train: samples/zh/*.jsonl is not in the working folder, using " + PROJECT)
                .contains("data.tokenizer: samples/zh.model is not in the working folder, using " + PROJECT)
                .contains("report " + folder.resolve("run").resolve("report.html"));
        assertThat(folder.resolve("run/report.html")).content().contains("Run run", "bigram");
    }

    @Test
    void bothPlacesAreNamedWhereNeitherHasTheData() {
        System.setProperty(ConfigOptions.HOME_PROPERTY, folder.toString());
        Call call = pretrain("quickstart");
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err())
                .contains("samples/zh/*.jsonl", Path.of("").toAbsolutePath().toString(), folder.toString())
                .contains("--set data.train=")
                .doesNotContain("\tat ");
    }

    @Test
    void aConfigOfOnesOwnMeansTheWorkingFolderOnly() throws IOException {
        System.setProperty(ConfigOptions.HOME_PROPERTY, PROJECT.toString());
        Path own = folder.resolve("own.yaml");
        Files.copy(PROJECT.resolve("configs/quickstart.yaml"), own);
        Call call = pretrain(own.toString());
        assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(call.err()).contains("samples/zh").doesNotContain("project folder");
    }
}
