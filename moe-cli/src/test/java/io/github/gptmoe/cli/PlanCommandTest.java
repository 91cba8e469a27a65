package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    void aRampOfTheBatchMeansMoreSteps() throws IOException {
        String ramp = "train.batchRamp={start: 64, increment: 64, samples: 1_000_000}";
        String[] call = {"plan", "--config", "16b", "--mfu", "0.4", "--peak-flops", "1e12", "--json", "--set"};
        JsonNode constant = json(with(call, "train.batchRamp="));
        JsonNode ramped = json(with(call, ramp));
        assertThat(ramped.get("tokensPerStep")).isEqualTo(constant.get("tokensPerStep"));
        assertThat(ramped.get("steps").asLong())
                .isGreaterThan(constant.get("steps").asLong());
        long tokens = ramped.get("tokens").asLong();
        assertThat(tokens)
                .isLessThan(ramped.get("steps").asLong() * 512 * 2048)
                .isBetween(100_000_000_000L, 100_000_000_000L + 512 * 2048);
        assertThat(ramped.get("time").get("tokens").asLong()).isEqualTo(tokens);
        assertThat(ramped.get("bytesPerDevice")).isEqualTo(constant.get("bytesPerDevice"));
        assertThat(moe("plan", "--config", "16b", "--set", ramp).out()).contains("tokens after train.batchRamp, ");
    }

    private static String[] with(String[] call, String last) {
        String[] longer = Arrays.copyOf(call, call.length + 1);
        longer[call.length] = last;
        return longer;
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

    @Test
    void bytesOfADeviceAddUp() throws IOException {
        JsonNode bytes = json("plan", "--config", "16b-continue", "--devices", "8", "--json")
                .get("bytesPerDevice");
        long sum = 0;
        for (String kind : List.of("weights", "gradients", "optimizer", "activations", "buffers")) {
            sum += bytes.get(kind).asLong();
        }
        assertThat(bytes.get("total").asLong()).isEqualTo(sum);
        assertThat(bytes.get("expertActivations").asLong())
                .isPositive()
                .isLessThan(bytes.get("activations").asLong());
        long buffers = 0;
        for (JsonNode kind : bytes.get("bufferKinds")) {
            buffers += kind.asLong();
        }
        assertThat(bytes.get("buffers").asLong()).isEqualTo(buffers);
        // BF16 weights with FP32 masters, FP32 gradients, two moments: 18 bytes each; norms and routers, FP32, have 16.
        long state = sum - bytes.get("activations").asLong() - buffers;
        assertThat(state / 16353136664.0).isBetween(17.999, 18.001);
    }

    @Test
    void switchesAreNamedInTheirOrder() throws IOException {
        String[] call = {"plan", "--config", "16b", "--devices", "64", "--json", "--set"};
        JsonNode both = json(with(with(with(call, "train.recompute=all"), "--set"), "train.zeroStage=2"));
        long memory = both.get("bytesPerDevice").get("total").asLong() + (2L << 30);
        JsonNode fit = json(with(with(with(call, "train.recompute=none"), "--device-memory"), Long.toString(memory)))
                .get("fit");
        assertThat(fit.get("fits").asBoolean()).isFalse();
        assertThat(fit.get("reserve").asLong()).isEqualTo(2L << 30);
        JsonNode switches = fit.get("switches");
        assertThat(switches.findValuesAsText("set")).containsExactly("train.recompute=all", "train.zeroStage=2");
        assertThat(switches.get(0).get("savesBytes").asLong()).isPositive();
        assertThat(switches.get(0).get("fits").asBoolean()).isFalse();
        assertThat(fit.get("fitsWithSwitches").asBoolean()).isTrue();
    }

    @Test
    void onlyWhatIsNeededIsAdvised() throws IOException {
        JsonNode fit = json("plan", "--config", "16b", "--devices", "64", "--device-memory", "80GiB", "--json")
                .get("fit");
        assertThat(fit.get("switches").findValuesAsText("set")).containsExactly("train.zeroStage=2");
        assertThat(fit.get("fitsWithSwitches").asBoolean()).isTrue();
    }

    @Test
    void aWarmUpAsLongAsTheRunIsSaid() {
        Call call = moe("plan", "--config", "quickstart", "--set", "train.steps=20", "--json");
        assertThat(call.status()).isEqualTo(ExitCode.DONE);
        assertThat(call.err())
                .startsWith("warning: train.schedule.warmupSteps 100 is not below the 20 steps of the run");
    }

    /** The sums of docs/optimizers.md: master or copy, and state, of a weight. */
    @ParameterizedTest
    @CsvSource({
        "fp32, fp32, 12",
        "bf16, fp32, 8",
        "int8, fp32, 6.03125",
        "bf16, none, 6",
        "int8, none, 4.03125",
    })
    void bytesOnTheHost(String moments, String masters, double expected) throws IOException {
        JsonNode plan = json(
                "plan",
                "--config",
                "16b-continue",
                "--json",
                "--set",
                "train.offloadOptimizer=cpu",
                "--set",
                "train.optimizer.moments=" + moments,
                "--set",
                "train.optimizer.masterWeights=" + masters);
        JsonNode host = plan.get("hostBytesPerDevice");
        double kept = host.get("weights").asDouble() + host.get("optimizer").asDouble();
        assertThat(kept / 16353136664.0).isCloseTo(expected, within(1e-3));
        assertThat(host.get("staging").asLong()).isPositive().isLessThan(1L << 30);
        assertThat(host.get("total").asDouble())
                .isEqualTo(kept + host.get("staging").asDouble());
        assertThat(plan.get("bytesPerDevice").get("optimizer").asLong()).isZero();
        assertThat(plan.get("bytesPerDevice").get("weights").asDouble() / 16353136664.0)
                .isCloseTo(2, within(1e-3));
        assertThat(plan.get("bytesPerDevice").has("host")).isFalse();
    }

    @Test
    void oneDeviceWithAHostTakesThe16bModel() throws IOException {
        String[] arguments = {
            "plan", "--config", "16b-continue", "--device-memory", "80GiB", "--host-memory", "128GiB", "--json"
        };
        JsonNode fit = json(arguments).get("fit");
        assertThat(fit.get("fits").asBoolean()).isFalse();
        assertThat(fit.get("hostBytes").asLong()).isZero();
        assertThat(fit.get("fitsWithSwitches").asBoolean()).isTrue();
        JsonNode switches = fit.get("switches");
        assertThat(switches.findValuesAsText("set"))
                .contains("train.offloadOptimizer=cpu")
                .doesNotContain("train.optimizer.masterWeights=none");
        JsonNode last = switches.get(switches.size() - 1);
        assertThat(last.get("hostBytes").asLong()).isPositive().isLessThanOrEqualTo(124L << 30);
        assertThat(fit.get("hostMemory").asLong()).isEqualTo(128L << 30);
        assertThat(fit.get("hostReserve").asLong()).isEqualTo(4L << 30);
        assertThat(last.get("totalBytes").asLong()).isLessThanOrEqualTo(78L << 30);
    }

    @Test
    void whatTheHostCannotHoldIsSaidWithItsFigures() {
        List<String> arguments = List.of(
                "plan", "--config", "16b-continue", "--device-memory", "80GiB", "--set", "train.offloadOptimizer=cpu");
        List<String> small = new ArrayList<>(arguments);
        small.addAll(List.of("--host-memory", "64GiB", "--mfu", "0.4", "--peak-flops", "312e12"));
        Call call = moe(small.toArray(String[]::new));
        assertThat(call.status()).isEqualTo(ExitCode.DONE);
        assertThat(call.out())
                .containsPattern("host total +[0-9,]+ +18[0-9]\\.[0-9]{3} GiB")
                .containsPattern("host: 18[0-9]\\.[0-9]{3} GiB of 64.000 GiB less a reserve of 4.000 GiB: does not fit")
                .contains("not counted: the update on the host");
        Call unknown = moe("plan", "--config", "16b-continue", "--device-memory", "8GiB");
        assertThat(unknown.out()).contains("train.offloadOptimizer=cpu was not tried: that needs --host-memory");
    }

    @Test
    void timeFollowsFromAGivenOrAMeasuredShare(@TempDir Path folder) throws IOException {
        JsonNode given = json(
                        "plan",
                        "--config",
                        "gpt-1.3b",
                        "--mfu",
                        "0.5",
                        "--peak-flops",
                        "312e12",
                        "--tokens",
                        "300e9",
                        "--json")
                .get("time");
        double flops = json("plan", "--config", "gpt-1.3b", "--json")
                .get("flopsPerToken")
                .asDouble();
        assertThat(given.get("days").asDouble()).isCloseTo(300e9 * flops / 156e12 / 86_400, within(1e-6));
        Path step = folder.resolve("step.json");
        Files.writeString(step, "{\"mfu\": 0.5, \"gemm_peak_gflops\": 312000, \"devices\": 1}");
        JsonNode measured = json(
                        "plan",
                        "--config",
                        "gpt-1.3b",
                        "--measured-mfu",
                        step.toString(),
                        "--tokens",
                        "300e9",
                        "--json")
                .get("time");
        assertThat(measured).isEqualTo(given);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--device-memory 80cows | is not a size",
                "--devices 0 | at least one",
                "--devices 3 | cannot share evenly",
                "--devices 20000 | at most 10000",
                "--reserve 1GiB | --device-memory",
                "--device-memory 1GiB --reserve 3GiB | --reserve 3.000 GiB leaves nothing of --device-memory 1.000 GiB",
                "--device-memory 1KB | --reserve 2.000 GiB leaves nothing of --device-memory 1,000 bytes",
                "--device-memory 8GiB --host-memory 4GiB | --host-reserve 4.000 GiB leaves nothing of --host-memory 4.000 GiB",
                "--device-memory 8GiB --host-reserve 4GiB | --host-memory, which is missing",
                "--host-memory 1GiB | give --device-memory too",
                "--device-memory 8GiB --host-memory 1GiB --device cpu | beside that of GPUs",
                "--devices-per-node 2 | --host-memory",
                "--device-memory 8GiB --host-memory 1GiB --devices-per-node 0 | at least one",
                "--mfu 0.4 | --peak-flops",
                "--mfu 1.4 --peak-flops 1e12 | at most 1",
                "--peak-flops 1e12 | --mfu",
                "--measured-mfu missing.json | missing.json",
                "--device gpu --set train.attention=fused | --device cpu",
                "--set train.zeroStage=2 | --devices is 1"
            })
    void mistakesAreNamedWithTheirRemedy(String arguments, String named) {
        List<String> all = new ArrayList<>(List.of("plan", "--config", "bench-small"));
        all.addAll(List.of(arguments.split(" ")));
        Call call = moe(all.toArray(String[]::new));
        assertThat(call.status())
                .isEqualTo(arguments.contains("missing") ? ExitCode.ENVIRONMENT : ExitCode.CONFIGURATION);
        assertThat(call.err()).contains(named);
        assertThat(call.out()).isEmpty();
    }
}
