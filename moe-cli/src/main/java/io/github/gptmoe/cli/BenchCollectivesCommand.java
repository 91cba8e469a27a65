package io.github.gptmoe.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.CudaLibrary;
import io.github.gptmoe.core.kernel.NcclLibrary;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.CollectiveBenchmark;
import io.github.gptmoe.train.collective.CollectiveBenchmark.Row;
import io.github.gptmoe.train.collective.CollectiveBenchmark.Seat;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.NcclMember;
import io.github.gptmoe.train.collective.NcclProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.Rendezvous;
import io.github.gptmoe.train.rendezvous.RendezvousTiming;
import io.github.gptmoe.train.rendezvous.World;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench collectives}: what ranks exchange, checked and timed. */
@Command(
        name = "collectives",
        description = {
            "Runs every operation between ranks in FP32, BF16 and FP16, checks the results, and times them: threads of this",
            "process on a CPU, NCCL on GPUs, there also over the processes that RANK and WORLD_SIZE tell of."
        },
        footer = {"", "Example: moe bench collectives --devices 2"})
final class BenchCollectivesCommand extends BaseCommand {

    /** What the ranks run on. */
    enum Backend {
        /** GPUs if libtorch has any, else the CPU. */
        AUTO,
        /** Threads of this process. */
        CPU,
        /** NCCL. */
        GPU
    }

    /**
     * The document of {@code --json}.
     *
     * @param backend {@code in-process} or {@code nccl}
     * @param version of NCCL, for example 22602; 0 on a CPU
     * @param ranks of all processes
     * @param processes how many
     * @param rows measured by the first rank of this process
     */
    record Document(String backend, int version, int ranks, int processes, List<Row> rows) {}

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1",
            description = "Ranks of this process; default 1.")
    private int devices;

    @Option(
            names = "--backend",
            paramLabel = "auto|cpu|gpu",
            defaultValue = "auto",
            description = "auto (default): GPUs if there are any.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private Backend backend;

    @Option(
            names = "--elements",
            paramLabel = "N",
            split = ",",
            defaultValue = "1024,65536,1048576",
            description = "Elements of the arrays; default 1024,65536,1048576.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private List<Long> elements;

    @Option(names = "--repeats", paramLabel = "N", defaultValue = "10", description = "Timed calls; default 10.")
    private int repeats;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long processes, and ranks in an operation, wait for each other; default 600.")
    private int deadline;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return "lower --elements or --devices";
    }

    @Override
    int run() throws JsonProcessingException, InterruptedException {
        requirePossible();
        RankEnvironment environment = RankEnvironment.of(System.getenv());
        boolean gpu = backend == Backend.GPU || (backend == Backend.AUTO && hasGpu());
        Document document = gpu ? onGpus(environment) : onCpu(environment);
        if (json.asked()) {
            JsonOption.print(out(), document);
        } else {
            print(document);
        }
        return ExitCode.DONE;
    }

    private void requirePossible() {
        if (devices < 1 || repeats < 1 || deadline < 1) {
            throw mistake("--devices, --repeats and --deadline must be at least 1");
        }
        if (elements.stream().anyMatch(size -> size < 1 || size > Integer.MAX_VALUE / 2)) {
            throw mistake("--elements must be from 1 to " + Integer.MAX_VALUE / 2);
        }
    }

    private static boolean hasGpu() {
        Engine engine = Engine.getEngine("PyTorch");
        return engine.hasCapability(StandardCapabilities.CUDA) && engine.getGpuCount() > 0;
    }

    private Duration patience() {
        return Duration.ofSeconds(deadline);
    }

    private Document onCpu(RankEnvironment environment) {
        environment.requireAloneOnCpu();
        List<ProcessGroup> groups = InProcessGroup.of(devices, patience());
        List<Row> rows = new CollectiveBenchmark(elements, repeats)
                .run(devices, local -> new Seat(groups.get(local), Device.cpu()));
        return new Document("in-process", 0, devices, 1, rows);
    }

    private Document onGpus(RankEnvironment environment) throws InterruptedException {
        NcclLibrary nccl = NcclLibrary.load();
        CudaLibrary cuda = CudaLibrary.load();
        int last = environment.device(devices - 1, devices);
        if (last >= cuda.deviceCount()) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "--devices " + devices + " needs device " + last + ", but this process sees " + cuda.deviceCount()
                            + " (CUDA_VISIBLE_DEVICES chooses them, LOCAL_RANK counts processes of this node)");
        }
        String same = "bench collectives " + elements + " " + repeats;
        Rendezvous rendezvous = new Rendezvous(environment, devices, same, RendezvousTiming.of(patience()));
        try (World world = rendezvous.join(nccl::uniqueId, err()::println)) {
            List<Row> rows = new CollectiveBenchmark(elements, repeats).run(devices, local -> {
                int device = environment.device(local, devices);
                NcclMember member = new NcclMember(world.firstRank() + local, world.worldSize(), device);
                return new Seat(
                        NcclProcessGroup.join(nccl, cuda, member, world.uniqueId(), world.failure(), patience()),
                        Device.gpu(device));
            });
            return new Document("nccl", nccl.version(), world.worldSize(), world.processes(), rows);
        }
    }

    private void print(Document document) {
        out().printf(
                        Locale.ROOT,
                        "%s%s, %d ranks in %d processes; all results are right%n%n%-21s %-5s %12s %12s %10s %10s%n",
                        document.backend(),
                        document.version() == 0 ? "" : " " + document.version(),
                        document.ranks(),
                        document.processes(),
                        "operation",
                        "type",
                        "elements",
                        "ms",
                        "GB/s",
                        "bus GB/s");
        for (Row row : document.rows()) {
            out().printf(
                            Locale.ROOT,
                            "%-21s %-5s %,12d %12.3f %10.3f %10.3f%n",
                            row.operation(),
                            row.precision(),
                            row.elements(),
                            row.seconds() * 1e3,
                            row.gigabytesPerSecond(),
                            row.busGigabytesPerSecond());
        }
    }
}
