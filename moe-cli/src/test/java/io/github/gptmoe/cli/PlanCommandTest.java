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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {

    private static JsonNode json(String... arguments) throws IOException {
        Call call = moe(arguments);
        assertThat(call.err()).isEmpty();
        assertThat(call.status()).isEqualTo(ExitCode.DONE);
        assertThat(call.out().lines()).hasSize(1);
        return new ObjectMapper().readTree(call.out());
    }

    @ParameterizedTest
    @CsvSource({
        "16b, 16353136664, 1315196928, 1718939672",
        "16b-continue, 16353136664, 1315196928, 1718939672",
        "13b, 13149222912, 355608576, 357181440",
        "125m-moe64, 1910600448, 125226240, 125521152",
        "gpt-1.3b, 1315196928, 1315196928, 1315196928",
    })
    void publishedSizes(String config, long total, long dense, long active) throws IOException {
        JsonNode parameters = json("plan", "--config", config, "--json").get("parameters");
        assertThat(parameters.get("total").asLong()).isEqualTo(total);
        assertThat(parameters.get("dense").asLong()).isEqualTo(dense);
        assertThat(parameters.get("active").asLong()).isEqualTo(active);
    }

    @Test
    void layersAddUp() throws IOException {
        JsonNode plan = json("plan", "--config", "16b", "--json");
        long parameters = 0;
        long flops = 0;
        for (JsonNode layer : plan.get("layers")) {
            parameters += layer.get("parameters").get("total").asLong();
            flops += layer.get("flopsPerToken").asLong();
        }
        assertThat(parameters).isEqualTo(plan.get("parameters").get("total").asLong());
        assertThat(flops).isEqualTo(plan.get("flopsPerToken").asLong());
        assertThat(plan.get("tokensPerStep").asLong()).isEqualTo(512 * 2048);
        assertThat(plan.get("steps").asLong()).isEqualTo(95_368);
    }

    @Test
    void tableForPeople() {
        Call call = moe("plan", "--config", "bench-small", "--set", "model.residual=true");
        assertThat(call.status()).isEqualTo(ExitCode.DONE);
        assertThat(call.out())
                .contains("block 1              residual moe         16")
                .contains("parameters: ");
    }

    @Test
    void mistakesOfTheConfigAreListedWithoutStackTrace(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, "model: {layers: 1.7}\nfoo: 1\n");
        Call call = moe("plan", "--config", file.toString(), "--json");
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.out()).isEmpty();
        assertThat(call.err())
                .contains(file + ":1:17: model.layers: expected an integer, found '1.7'")
                .contains(file + ":2:1: foo: unknown key")
                .doesNotContain("\tat ");
    }

    @Test
    void missingConfigListsTheShippedOnes() {
        Call call = moe("plan", "--config", "missing.yaml");
        assertThat(call.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(call.err()).contains("missing.yaml").contains("16b-continue").contains("quickstart");
    }
}
