package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.plan.TimePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How fast the devices of a plan are: a share of their arithmetic, given or measured. */
final class PlanTimeOptions {
    private static final double GIGA = 1e9;

    @Option(
            names = "--mfu",
            paramLabel = "SHARE",
            description =
                    "Share of the devices' arithmetic that training gets, above 0 and at most 1; with --peak-flops.")
    private @Nullable Double mfu;

    @Option(
            names = "--peak-flops",
            paramLabel = "N",
            description = "Operations a second of one device, such as 312e12.")
    private @Nullable Double peakFlops;

    @Option(
            names = "--measured-mfu",
            paramLabel = "FILE",
            description = {
                "JSON of moe bench step: its MFU, and its matrix-product ceiling a device unless --peak-flops is given.",
                "The nearer that run was to the planned one in shape, the better."
            })
    private @Nullable Path measured;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Tokens to train on, such as 100e9; default: those of the config's run.")
    private @Nullable Double tokens;

    /**
     * Reads the options.
     *
     * @return empty if no speed is given
     * @throws InputException if they make no sense, with the remedy
     */
    Optional<TimePlan> plan(int devices, long flopsPerToken, long tokensOfRun) {
        if (tokens != null && !(tokens >= 1 && tokens < Long.MAX_VALUE)) {
            throw mistake("--tokens " + tokens + " must be at least 1");
        }
        if (peakFlops != null && !(peakFlops > 0 && Double.isFinite(peakFlops))) {
            throw mistake("--peak-flops " + peakFlops + " must be above 0, for example 312e12");
        }
        if (mfu != null && measured != null) {
            throw mistake("--mfu and --measured-mfu exclude each other; keep one");
        }
        if (mfu == null && measured == null) {
            if (peakFlops != null || tokens != null) {
                throw mistake("for a time, give --mfu and --peak-flops, or --measured-mfu");
            }
            return Optional.empty();
        }
        long budget = tokens == null ? tokensOfRun : tokens.longValue();
        if (measured != null) {
            Speed speed = read(measured);
            return Optional.of(TimePlan.of(
                    share("mfu in " + measured, speed.mfu),
                    peakFlops == null ? speed.peakFlops : peakFlops,
                    devices,
                    flopsPerToken,
                    budget));
        }
        if (peakFlops == null) {
            throw mistake("--mfu is a share of what a device can do: give --peak-flops too, for example 312e12");
        }
        return Optional.of(TimePlan.of(share("--mfu", mfu), peakFlops, devices, flopsPerToken, budget));
    }

    private static double share(String name, @Nullable Double value) {
        if (value == null || !(value > 0 && value <= 1)) {
            throw mistake(name + ": " + value + " must be above 0 and at most 1");
        }
        return value;
    }

    private record Speed(double mfu, double peakFlops) {}

    /** The ceiling of a process is that of all its devices on GPUs, and of the one processor that ranks share on a CPU. */
    private static Speed read(Path file) {
        try {
            JsonNode result = new ObjectMapper().readTree(Files.readString(file));
            JsonNode share = result.path("mfu");
            JsonNode ceiling = result.path("gemm_peak_gflops");
            if (!share.isNumber() || !ceiling.isNumber()) {
                throw mistake("--measured-mfu " + file + " has no mfu and gemm_peak_gflops; make it by"
                        + " moe bench step --json --config ... > " + file);
            }
            int devices = Math.max(1, result.path("devices").asInt(1));
            return new Speed(share.asDouble(), ceiling.asDouble() * GIGA / devices);
        } catch (JsonProcessingException unreadable) {
            throw mistake(
                    "--measured-mfu " + file + " is no JSON; make it by moe bench step --json --config ... > " + file);
        } catch (IOException missing) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, "--measured-mfu " + file + " cannot be read: " + missing, missing);
        }
    }

    private static InputException mistake(String text) {
        return new InputException(InputException.Kind.CONFIGURATION, text);
    }
}
