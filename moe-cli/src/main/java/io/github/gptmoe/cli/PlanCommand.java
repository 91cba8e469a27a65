package io.github.gptmoe.cli;

import ai.djl.Device;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.HostBytes;
import io.github.gptmoe.train.plan.MemoryLimits;
import io.github.gptmoe.train.plan.MemoryPlan;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.RankDivision;
import io.github.gptmoe.train.plan.SwitchSearch;
import io.github.gptmoe.train.plan.SwitchSearch.MoreDevices;
import io.github.gptmoe.train.plan.SwitchSearch.Switch;
import io.github.gptmoe.train.plan.TimePlan;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe plan}: what a configuration will be, before anything is allocated. */
@Command(
        name = "plan",
        description = "Counts parameters, memory, arithmetic and time of a config; allocates nothing.",
        footer = {
            "",
            "total: every parameter; dense: without experts and routers; active: what one token meets.",
            "flopsPerToken: forward and backward arithmetic of one token in training.",
            "Bytes are those of the fullest device at the fullest moment of a step; formulas and what they leave out stand in",
            "docs/scaling.md. With --device-memory, the switches that make it fit are named in the order of what they cost;",
            "with --host-memory too, an optimizer on the host is one of them.",
            "Example: moe plan --config 16b-continue --devices 8 --device-memory 80GiB --mfu 0.4 --peak-flops 312e12"
        })
final class PlanCommand extends BaseCommand {
    private static final double GIB = 1L << 30;

    /** Kinds of device. */
    enum DeviceKind {
        cpu,
        gpu
    }

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1",
            description = "Devices of all nodes together, one rank each; default 1.")
    private int devices;

    @Option(
            names = "--device",
            paramLabel = "KIND",
            description = {
                "gpu or cpu (then ranks are threads of one process); default gpu, unless train.attention names a form that",
                "runs on CPUs only."
            })
    private @Nullable DeviceKind device;

    @Mixin
    private PlanMemoryOptions memory = new PlanMemoryOptions();

    @Mixin
    private PlanTimeOptions time = new PlanTimeOptions();

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * One line of the table.
     *
     * @param layer what it is: {@code tables}, {@code block 0} and so on, {@code final norm}, {@code head}
     * @param kind {@code dense}, {@code moe}, {@code residual moe} or empty
     * @param experts experts of the block
     * @param parameters its parameters
     * @param flopsPerToken its training arithmetic
     */
    record Layer(String layer, String kind, int experts, ParameterCount parameters, long flopsPerToken) {}

    /**
     * The document of {@code --json}.
     *
     * @param parameters of the whole model
     * @param flopsPerToken training arithmetic of the whole model
     * @param recomputeFlopsPerToken forward arithmetic that {@code train.recompute} does again; not in the MFU
     * @param flopsPerStep of a step, all devices together
     * @param tokensPerStep tokens of one optimizer step, after the ramp of the batch
     * @param steps optimizer steps of the run
     * @param tokens tokens of all steps
     * @param devices number of devices
     * @param device their kind
     * @param attention form of attention
     * @param bytesPerDevice memory of the fullest device
     * @param hostBytesPerDevice what its rank keeps in the memory of its host beside it; absent if nothing
     * @param fit whether that fits; absent without --device-memory
     * @param time absent without a speed
     * @param layers the parts, which add up to the whole
     */
    record Plan(
            ParameterCount parameters,
            long flopsPerToken,
            long recomputeFlopsPerToken,
            double flopsPerStep,
            long tokensPerStep,
            long steps,
            long tokens,
            int devices,
            DeviceKind device,
            String attention,
            MemoryPlan bytesPerDevice,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            HostBytes hostBytesPerDevice,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Fit fit,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            TimePlan time,

            List<Layer> layers) {}

    /**
     * Whether it fits.
     *
     * @param deviceMemory bytes of a device
     * @param reserve bytes of it that are left free
     * @param hostMemory bytes of a node's host; absent without --host-memory
     * @param hostReserve bytes of it that are left free; absent as above
     * @param hostBytes bytes that the ranks of a node keep there; absent as above
     * @param fits whether the plan's total fits into the rest, and these bytes into that of the host
     * @param switches what to turn on, in order, until it fits; the first is the first to turn on
     * @param fitsWithSwitches whether it fits with all of them
     * @param moreDevices where it does not: the devices on which it would; absent if there are none
     */
    record Fit(
            long deviceMemory,
            long reserve,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long hostMemory,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long hostReserve,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long hostBytes,

            boolean fits,
            List<Switch> switches,
            boolean fitsWithSwitches,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            MoreDevices moreDevices) {}

    private static List<Layer> layers(ModelConfig model) {
        List<Layer> layers = new ArrayList<>();
        layers.add(new Layer("tables", "", 0, ParameterCount.ofTables(model), 0));
        for (int block = 0; block < model.layers(); block++) {
            boolean moe = model.isMoe(block);
            layers.add(new Layer(
                    "block " + block,
                    moe ? (model.residual() ? "residual moe" : "moe") : "dense",
                    moe ? model.expertsOf(block) : 0,
                    ParameterCount.ofBlock(model, block),
                    FlopCount.ofBlock(model, block)));
        }
        layers.add(new Layer("final norm", "", 0, ParameterCount.ofFinalNorm(model), 0));
        layers.add(new Layer(
                "head (token table)",
                "",
                0,
                new ParameterCount(0, 0, 0),
                FlopCount.of(model).head()));
        return layers;
    }

    @Override
    int run() throws JsonProcessingException {
        RunConfig run = config.load();
        DeviceKind kind = kind(run);
        PlanTarget target = new PlanTarget(devices, kind == DeviceKind.gpu);
        requireSense(run);
        MemoryLimits limits = memory.limits(target.gpu(), devices);
        run.train().warning(run.model().sequenceLength()).ifPresent(err()::println);
        MemoryPlan bytes = MemoryPlan.of(run, target);
        ModelConfig model = run.model();
        long flops = FlopCount.of(model).perToken();
        int length = model.sequenceLength();
        long tokensPerStep = (long) run.train().globalBatch() * length;
        long tokens = run.train().totalTokens(length);
        Plan plan = new Plan(
                ParameterCount.of(model),
                flops,
                recomputed(run),
                (double) flops * tokensPerStep,
                tokensPerStep,
                run.train().totalSteps(length),
                tokens,
                devices,
                kind,
                target.attention(run).label(),
                bytes,
                bytes.host().total() == 0 ? null : bytes.host(),
                limits == null ? null : fit(limits, bytes, target),
                time.plan(devices, flops, tokens).orElse(null),
                layers(model));
        if (json.asked()) {
            JsonOption.print(out(), plan);
        } else {
            print(plan);
        }
        return ExitCode.DONE;
    }

    private DeviceKind kind(RunConfig run) {
        if (device != null) {
            return device;
        }
        boolean cpuOnly = run.train()
                .namedAttention()
                .map(form -> !form.runsOn(Device.gpu()))
                .orElse(false);
        return cpuOnly ? DeviceKind.cpu : DeviceKind.gpu;
    }

    private void requireSense(RunConfig run) {
        if (devices > PlanTarget.MOST_DEVICES) {
            throw mistake("--devices " + devices + ": at most " + PlanTarget.MOST_DEVICES);
        }
        RankDivision.problem(run.train(), devices).ifPresent(problem -> {
            throw new InputException(InputException.Kind.CONFIGURATION, problem);
        });
    }

    private static long recomputed(RunConfig run) {
        long flops = 0;
        for (int block = 0; block < run.model().layers(); block++) {
            if (run.train().recomputes(block, run.model().isMoe(block))) {
                flops += FlopCount.ofBlock(run.model(), block) / 3; // forward is a third
            }
        }
        return flops;
    }

    private Fit fit(MemoryLimits limits, MemoryPlan bytes, PlanTarget target) {
        List<Switch> switches = SwitchSearch.find(config::load, target, limits);
        boolean fits = limits.fit(bytes, devices);
        boolean fitsThen = fits
                || (!switches.isEmpty() && switches.get(switches.size() - 1).fits());
        MoreDevices more = fitsThen
                ? null
                : SwitchSearch.findDevices(config::load, target, limits).orElse(null);
        boolean hostKnown = limits.host().isPresent();
        long reserved = memory.reserved(target.gpu());
        long hostReserved = memory.hostReserved();
        return new Fit(
                limits.device() + reserved,
                reserved,
                hostKnown ? limits.host().getAsLong() + hostReserved : null,
                hostKnown ? hostReserved : null,
                hostKnown ? limits.hostBytes(bytes, devices) : null,
                fits,
                switches,
                fitsThen,
                more);
    }

    private void print(Plan plan) {
        PrintWriter out = out();
        String row = "%-20s %-14s %8s %18s %18s %18s%n";
        out.printf(Locale.ROOT, row, "layer", "kind", "experts", "parameters", "active", "FLOPs per token");
        for (Layer layer : plan.layers()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    layer.layer(),
                    layer.kind(),
                    layer.experts() == 0 ? "" : layer.experts(),
                    grouped(layer.parameters().total()),
                    grouped(layer.parameters().active()),
                    grouped(layer.flopsPerToken()));
        }
        ParameterCount all = plan.parameters();
        out.printf(
                Locale.ROOT,
                row,
                "total",
                "",
                "",
                grouped(all.total()),
                grouped(all.active()),
                grouped(plan.flopsPerToken()));
        out.printf(
                Locale.ROOT,
                "%nparameters: %s total, %s dense, %s active a token%n",
                grouped(all.total()),
                grouped(all.dense()),
                grouped(all.active()));
        out.printf(
                Locale.ROOT,
                "run: %s steps of %s tokens%s, %.3g FLOPs a step%s, %.3g in all%n",
                grouped(plan.steps()),
                grouped(plan.tokensPerStep()),
                plan.tokens() < plan.steps() * plan.tokensPerStep() ? " after train.batchRamp" : "",
                plan.flopsPerStep(),
                plan.recomputeFlopsPerToken() == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " (and %.3g computed again)",
                                (double) plan.recomputeFlopsPerToken() * plan.tokensPerStep()),
                (double) plan.flopsPerToken() * plan.tokens());
        print(plan.bytesPerDevice(), plan);
        Fit fit = plan.fit();
        if (fit != null) {
            print(fit, plan);
        }
        TimePlan times = plan.time();
        if (times != null) {
            out.printf(
                    Locale.ROOT,
                    "%ntime at MFU %.3f of %.4g FLOP/s a device: %,.1f tokens/s, %,.2f days for %,d tokens%n",
                    times.mfu(),
                    times.peakFlops(),
                    times.tokensPerSecond(),
                    times.days(),
                    times.tokens());
            if (plan.hostBytesPerDevice() != null) {
                out.println("not counted: the update on the host, and its copies, beside which no device works");
            }
        }
    }

    private void print(MemoryPlan bytes, Plan plan) {
        MemoryPlan.Buffers buffers = bytes.bufferKinds();
        out().printf(
                        Locale.ROOT,
                        "%nmemory of one %s of %d, attention %s; fullest at: %s%n",
                        plan.device(),
                        plan.devices(),
                        plan.attention(),
                        bytes.peak());
        row("weights", bytes.weights());
        row("gradients", bytes.gradients());
        row("optimizer", bytes.optimizer());
        row("activations", bytes.activations());
        row("  of experts", bytes.expertActivations());
        row("buffers", bytes.buffers());
        row("  gradient buckets", buffers.gradientBuckets());
        row("  expert exchange", buffers.exchange());
        row("  logits", buffers.logits());
        row("  sums over ranks", buffers.reduction());
        row("  other temporaries", buffers.temporaries());
        if (buffers.staging() > 0) {
            row("  offload staging", buffers.staging());
        }
        row("total", bytes.total());
        if (plan.hostBytesPerDevice() != null) {
            print(plan.hostBytesPerDevice());
        }
    }

    private void print(HostBytes host) {
        out().printf(Locale.ROOT, "%nmemory of the host, for each of its devices%n");
        row("host weights", host.weights());
        row("host optimizer", host.optimizer());
        row("host staging", host.staging());
        row("host total", host.total());
    }

    private void row(String name, long bytes) {
        out().printf(Locale.ROOT, "%-20s %,20d %,12.3f GiB%n", name, bytes, bytes / GIB);
    }

    private void print(Fit fit, Plan plan) {
        out().printf(
                        Locale.ROOT,
                        "%n%s into %s less a reserve of %s%n",
                        plan.bytesPerDevice().total() <= fit.deviceMemory() - fit.reserve() ? "fits" : "does not fit",
                        ByteSize.gib(fit.deviceMemory()),
                        ByteSize.gib(fit.reserve()));
        Long hostMemory = fit.hostMemory();
        Long hostReserve = fit.hostReserve();
        Long hostBytes = fit.hostBytes();
        if (hostMemory != null && hostReserve != null && hostBytes != null) {
            out().printf(
                            Locale.ROOT,
                            "host: %s of %s less a reserve of %s%s%n",
                            ByteSize.gib(hostBytes),
                            ByteSize.gib(hostMemory),
                            ByteSize.gib(hostReserve),
                            hostBytes <= hostMemory - hostReserve ? "" : ": does not fit");
        }
        print(fit.switches());
        if (fit.fitsWithSwitches()) {
            return;
        }
        if (hostMemory == null && plan.device() == DeviceKind.gpu && plan.hostBytesPerDevice() == null) {
            out().println("train.offloadOptimizer=cpu was not tried: that needs --host-memory");
        }
        MoreDevices more = fit.moreDevices();
        if (more == null) {
            out().println("no setting makes it fit, nor do more devices among which the global batch can be shared");
            return;
        }
        out().printf(
                        Locale.ROOT,
                        "%nno setting makes it fit; --devices %d would, with %s on each:%n",
                        more.devices(),
                        ByteSize.gib(more.totalBytes()));
        print(more.switches());
    }

    private void print(List<Switch> switches) {
        for (Switch step : switches) {
            out().printf(
                            Locale.ROOT,
                            "  --set %-32s saves %16s, leaves %16s%s%s%n",
                            step.set(),
                            ByteSize.gib(step.savesBytes()),
                            ByteSize.gib(step.totalBytes()),
                            step.hostBytes() == 0 ? "" : ", host " + ByteSize.gib(step.hostBytes()),
                            step.fits() ? ": fits" : "");
        }
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
