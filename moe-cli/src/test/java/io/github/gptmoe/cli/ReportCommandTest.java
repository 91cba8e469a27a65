package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    private Path folder;

    private Path run(String name) throws IOException {
        Path run = Files.createDirectory(folder.resolve(name));
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":1,\"tokens\":64,\"lmLoss\":5.5}\n{\"step\":2,\"tokens\":128,\"lmLoss\":5.25}\n");
        return run;
    }

    @Test
    void theReportOfARunLiesInItsFolder() throws IOException {
        Path run = run("first");
        Call call = moe("report", run.toString());
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out()).isEqualTo(run.resolve("report.html") + System.lineSeparator());
        assertThat(call.err()).contains("settings are left out");
        assertThat(run.resolve("report.html")).content().contains("Run first");
    }

    @Test
    void jsonHasTheFilesAndTheValues() throws IOException {
        Path page = folder.resolve("new/comparison.html");
        Call call = moe(
                "report",
                run("first").toString(),
                run("second").toString(),
                "--out",
                page.toString(),
                "--svg",
                folder.resolve("svg").toString(),
                "--json");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        assertThat(call.out().lines()).hasSize(1);
        JsonNode written = new ObjectMapper().readTree(call.out());
        assertThat(written.get("report").asText()).isEqualTo(page.toString());
        assertThat(page).content().contains("Comparison of 2 runs");
        assertThat(written.get("svg"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(Path.of(file.asText())).exists());
        assertThat(written.get("runs")).hasSize(2);
        assertThat(written.get("runs").get(1).get("lmLoss").asDouble()).isEqualTo(5.25);
        assertThat(written.get("runs").get(1).get("validationLoss").isNull()).isTrue();
        assertThat(written.get("differences")).isEmpty();
    }

    @Test
    void whatIsNotARunIsAnErrorOfTheSurroundings() {
        for (Path path : new Path[] {folder, folder.resolve("missing")}) {
            Call call = moe("report", path.toString());
            assertThat(call.status()).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(call.err())
                    .contains(path.toString(), "moe pretrain --config quickstart")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void aRunMustBeNamed() {
        assertThat(moe("report").status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void aFolderIsNoPage() throws IOException {
        Call call = moe("report", run("first").toString(), "--out", folder.toString());
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("is a folder");
    }
}
