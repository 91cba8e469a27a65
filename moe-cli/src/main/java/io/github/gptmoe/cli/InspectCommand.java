package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.ShardIndex;
import io.github.gptmoe.core.safetensors.TensorEntry;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moe inspect}: what a checkpoint holds. */
@Command(
        name = "inspect",
        description = "Verifies a checkpoint and lists what it holds; loads no weights.",
        footer = {"", "Example: moe inspect runs/quickstart"})
final class InspectCommand extends BaseCommand {

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Run or checkpoint folder, the same as --checkpoint.")
    private @Nullable Path folder;

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(names = "--all", description = "List the optimizer's tensors too.")
    private boolean all;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * One tensor.
     *
     * @param name parameter name
     * @param type element type
     * @param shape dimensions
     * @param bytes size
     */
    record Tensor(String name, String type, List<Long> shape, long bytes) {}

    /**
     * One file.
     *
     * @param name file name
     * @param bytes size
     * @param tensors what it holds; none for an index of several files
     */
    record TensorFile(String name, long bytes, List<Tensor> tensors) {}

    /**
     * The document of {@code --json}.
     *
     * @param folder the checkpoint
     * @param runId identity of the run
     * @param step optimizer steps done
     * @param tokens tokens trained on
     * @param seed seed of the run
     * @param configHash hash of the resolved configuration
     * @param dataFingerprint fingerprint of the training data
     * @param versions what produced it
     * @param files its files
     */
    record Contents(
            String folder,
            String runId,
            long step,
            long tokens,
            long seed,
            String configHash,
            String dataFingerprint,
            Map<String, String> versions,
            List<TensorFile> files) {}

    @Override
    int run() throws JsonProcessingException, IOException {
        Contents contents = contents(find(chosen()));
        if (json.asked()) {
            JsonOption.print(out(), contents);
        } else {
            print(contents);
        }
        return ExitCode.DONE;
    }

    private Path chosen() {
        if (folder == null) {
            return checkpoint.path();
        }
        if (checkpoint.isNamed()) {
            throw mistake("both " + folder + " and --checkpoint were given; leave out one");
        }
        return folder;
    }

    private Checkpoint find(Path path) {
        RunFolder run = new RunFolder(path);
        CheckpointStore store = new CheckpointStore(run.checkpoints(), CheckpointStore.MIN_KEEP_LAST);
        if (!Files.isRegularFile(run.config())) {
            return store.open(path);
        }
        return store.newestValid(err()::println)
                .orElseThrow(() -> mistake(path + " has no checkpoint yet; go on training with moe pretrain --config "
                        + run.config() + " --out " + path));
    }

    private Contents contents(Checkpoint found) throws IOException {
        List<TensorFile> files = new ArrayList<>();
        for (FileEntry entry : found.manifest().files()) {
            if (ShardIndex.isIndexName(entry.name())) {
                files.add(new TensorFile(entry.name(), entry.bytes(), List.of()));
                continue;
            }
            try (SafetensorsFile file = found.openFile(entry.name())) {
                files.add(new TensorFile(
                        entry.name(),
                        entry.bytes(),
                        file.entries().stream()
                                .filter(this::listed)
                                .map(InspectCommand::tensor)
                                .toList()));
            }
        }
        return new Contents(
                found.folder().toString(),
                found.manifest().runId(),
                found.manifest().state().step(),
                found.manifest().state().tokens(),
                found.manifest().state().seed(),
                found.manifest().configHash(),
                found.manifest().dataFingerprint(),
                found.manifest().versions(),
                files);
    }

    private boolean listed(TensorEntry tensor) {
        return all || !tensor.name().startsWith("optimizer.");
    }

    private static Tensor tensor(TensorEntry entry) {
        return new Tensor(entry.name(), entry.type().name(), entry.shape(), entry.byteCount());
    }

    private void print(Contents contents) {
        out().println("checkpoint  " + contents.folder());
        out().println("run         " + contents.runId());
        out().printf(Locale.ROOT, "step        %,d (%,d tokens)%n", contents.step(), contents.tokens());
        out().println("versions    " + contents.versions());
        for (TensorFile file : contents.files()) {
            out().printf(Locale.ROOT, "%n%s, %,d bytes%n", file.name(), file.bytes());
            for (Tensor tensor : file.tensors()) {
                out().printf(
                                Locale.ROOT,
                                "  %-48s %-5s %s%n",
                                tensor.name(),
                                tensor.type(),
                                tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" x ")));
            }
        }
    }
}
