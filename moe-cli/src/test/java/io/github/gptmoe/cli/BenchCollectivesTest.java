package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchCollectivesTest {
    @Test
    void everyOperationIsCheckedAndTimed() throws Exception {
        Call call = moe(
                "bench",
                "collectives",
                "--backend",
                "cpu",
                "--devices",
                "3",
                "--elements",
                "10,50",
                "--repeats",
                "2",
                "--json");
        assertThat(call.status()).as(call.err()).isEqualTo(ExitCode.DONE);
        JsonNode document = new ObjectMapper().readTree(call.out());
        assertThat(document.get("backend").asText()).isEqualTo("in-process");
        assertThat(document.get("ranks").asInt()).isEqualTo(3);
        List<String> rows = new ArrayList<>();
        document.get("rows").forEach(row -> {
            rows.add(row.get("operation").asText() + " " + row.get("precision").asText() + " "
                    + row.get("elements").asLong());
            assertThat(row.get("seconds").asDouble()).isPositive();
        });
        assertThat(rows)
                .hasSize(3 * 2 * 5 + 2)
                .contains(
                        "allReduce fp32 12",
                        "reduceScatter bf16 51",
                        "allGather fp32 51",
                        "broadcast bf16 12",
                        "allToAll fp32 12",
                        "allReduce of numbers fp64 16",
                        "barrier  0");
        // A ring sends 2/3 of 12 FP32 numbers twice.
        JsonNode first = document.get("rows").get(0);
        assertThat(first.get("bytes").asLong()).isEqualTo(48);
        assertThat(first.get("busGigabytesPerSecond").asDouble()
                        / first.get("gigabytesPerSecond").asDouble())
                .isBetween(1.33, 1.34);
    }

    @Test
    void peopleGetATable() {
        Call call = moe("bench", "collectives", "--backend", "cpu", "--elements", "8", "--repeats", "1");
        assertThat(call.out())
                .startsWith("in-process, 1 ranks in 1 processes; all results are right")
                .contains("allToAll");
    }

    @Test
    void nonsenseIsAMistake() {
        assertThat(moe("bench", "collectives", "--devices", "0").status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(moe("bench", "collectives", "--elements", "0").err()).contains("--elements must be from 1");
    }
}
