package io.github.gptmoe.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.CountingBaselines;
import io.github.gptmoe.data.DataRequest;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.TrainingData;
import io.github.gptmoe.train.attention.AttentionChoice;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.checkpoint.RunLock;
import io.github.gptmoe.train.checkpoint.TrainingState;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A pretraining run from text files to a finished checkpoint.
 *
 * <pre>
 * tokenizer, text  -> tokens, batches    TrainingData
 * batch            -> loss, gradients    TrainStep, Pipeline
 * every so often   -> validation, checkpoint
 * </pre>
 *
 * <p>This class finds out where the run starts; what every rank then does is {@link RankRun}.
 */
public final class Pretraining {
    private final RunConfig config;
    private final RunFolder folder;
    private final Resume resume;
    private final TrainListener listener;
    private final StopRequest stop;
    private final AttentionResolver attention;
    private final Devices devices;

    /**
     * Describes a run on one device whose {@code train.attention: auto} follows the fixed rule; nothing is read or written yet.
     *
     * @param config the complete configuration
     * @param folder where the run lives
     * @param resume where it starts
     * @param listener hears of progress
     * @param stop lets another thread stop it
     */
    public Pretraining(RunConfig config, RunFolder folder, Resume resume, TrainListener listener, StopRequest stop) {
        this(config, folder, resume, listener, stop, AttentionResolver.fixedRule(), Devices.one());
    }

    /**
     * Describes a run; nothing is read or written yet.
     *
     * @param config the complete configuration
     * @param folder where the run lives
     * @param resume where it starts
     * @param listener hears of progress
     * @param stop lets another thread stop it
     * @param attention chooses the form of attention, if the run begins and its configuration leaves it open
     * @param devices what it runs on
     */
    public Pretraining(
            RunConfig config,
            RunFolder folder,
            Resume resume,
            TrainListener listener,
            StopRequest stop,
            AttentionResolver attention,
            Devices devices) {
        this.config = config;
        this.folder = folder;
        this.resume = resume;
        this.listener = listener;
        this.stop = stop;
        this.attention = attention;
        this.devices = devices;
    }

    /**
     * Trains to the end or until stopped.
     *
     * @return final values, and whether the last step was made
     * @throws InputException for data, tokenizer or checkpoint that do not fit, with the remedy
     */
    public RunSummary run() {
        devices.requireFit(config.train());
        folder.create();
        try {
            RunLock lock = RunLock.acquire(folder.path());
            try {
                return runLocked();
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RunSummary runLocked() {
        CheckpointStore store = new CheckpointStore(
                folder.checkpoints(),
                config.checkpoint().keepLast(),
                config.checkpoint().shardBytes());
        Optional<Checkpoint> start = startingPoint(store);
        long totalSteps = config.train().totalSteps(config.model().sequenceLength());
        long done =
                start.map(checkpoint -> checkpoint.manifest().state().step()).orElse(0L);
        if (done > totalSteps) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    folder.path() + " has made " + done + " steps already and this call asks for " + totalSteps
                            + "; raise train.steps or choose another --out");
        }
        Optional<RunSummary> finished = folder.readSummary();
        if (done == totalSteps && finished.isPresent()) {
            listener.message(folder.path() + " is finished: " + done + " steps");
            return finished.get();
        }
        try (Tokenizer tokenizer =
                SentencePieceTokenizer.open(Path.of(config.data().tokenizer()))) {
            requireFit(tokenizer);
            try (TrainingData data = TrainingData.open(config.data(), tokenizer, request(), listener)) {
                start.ifPresent(checkpoint -> goOn(checkpoint, data));
                RunConfig resolved = withAttention(start);
                folder.writeConfig(resolved);
                folder.keepTokenizer(Path.of(config.data().tokenizer()));
                folder.removeSummary();
                return train(resolved, data, tokenizer, store, start);
            }
        }
    }

    private Optional<Checkpoint> startingPoint(CheckpointStore store) {
        Path explicit = resume.checkpoint();
        Optional<Checkpoint> start = explicit != null
                ? Optional.of(store.open(explicit))
                : resume.newest() ? store.newestValid(listener::message) : Optional.empty();
        if (explicit == null && !resume.newest() && !store.list().isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    folder.path() + " already has checkpoints; continue it with --resume auto or choose another --out");
        }
        if (explicit != null) {
            requireNewest(store, explicit);
        }
        if (start.isPresent()) {
            requireSameConfig(start.get());
        }
        return start;
    }

    /** Before the model takes its memory: a form is chosen by measuring, and by what fits. */
    private RunConfig withAttention(Optional<Checkpoint> start) {
        KernelModule.enter();
        // Another run that starts from a checkpoint may do so in another precision, which other forms suit.
        Optional<RunConfig> before = (start.isPresent() ? start.map(this::configOf) : begun())
                .filter(run -> run.train().precision().equals(config.train().precision()));
        Device device = Engine.getEngine("PyTorch").defaultDevice();
        AttentionChoice choice = RunAttention.choose(config, before, attention, device);
        listener.message(choice.line());
        return config.withAttention(choice.form());
    }

    /**
     * The configuration of a run that ended before its first checkpoint: started again, it is to have the same losses. Who names
     * a form or does not continue has no use for it; neither has a run of another model, which the folder may hold as yet.
     */
    private Optional<RunConfig> begun() {
        if (!resume.newest() || !isOwn() || config.train().namedAttention().isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(folder.readConfig()).filter(run -> run.model().equals(config.model()));
        } catch (ConfigException unreadable) {
            listener.message(
                    "warning: " + folder.config() + " cannot be read and is replaced: " + unreadable.getMessage());
            return Optional.empty();
        }
    }

    /** The configuration of the run a checkpoint is of: this one, or another whose weights a new run starts from. */
    private RunConfig configOf(Checkpoint checkpoint) {
        return isOwn() ? folder.readConfig() : new RunFolder(runOf(checkpoint)).readConfig();
    }

    private boolean isOwn() {
        return Files.isRegularFile(folder.config());
    }

    private static Path runOf(Checkpoint checkpoint) {
        return checkpoint.folder().toAbsolutePath().resolve("../..").normalize();
    }

    /** A run goes on as it began; another run may start from its weights, but not with another model. */
    private void requireSameConfig(Checkpoint checkpoint) {
        RunConfig before = configOf(checkpoint);
        if (isOwn()) {
            FrozenConfig.requireSame(folder, before, config);
        } else if (!before.model().equals(config.model())) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "checkpoint " + checkpoint.folder() + " is of another model than this call's; use the model section"
                            + " of " + new RunFolder(runOf(checkpoint)).config());
        }
    }

    /** Rewinding inside a run would leave later checkpoints that the next automatic resume picks again. */
    private void requireNewest(CheckpointStore store, Path chosen) {
        List<Path> own = store.list();
        Path step = chosen.toAbsolutePath().normalize();
        List<Path> named =
                own.stream().map(path -> path.toAbsolutePath().normalize()).toList();
        if (named.contains(step) && !named.get(0).equals(step)) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    folder.path() + " has the later checkpoint " + own.get(0).getFileName() + "; to go back to "
                            + step.getFileName() + ", move the later ones away or choose another --out");
        }
    }

    private void requireFit(Tokenizer tokenizer) {
        int pieces = tokenizer.vocabularySize();
        if (pieces > config.model().vocabulary()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "tokenizer " + config.data().tokenizer() + " has " + pieces + " pieces but model.vocabulary is "
                            + config.model().vocabulary() + "; set model.vocabulary to at least " + pieces);
        }
    }

    private DataRequest request() {
        return new DataRequest(
                config.model().sequenceLength(), config.train().seed(), Validation.sequences(config.train()));
    }

    private static void goOn(Checkpoint checkpoint, TrainingData data) {
        requireSameData(checkpoint, data);
        TrainingState state = checkpoint.manifest().state();
        data.resume(state.sample(), state.extra());
    }

    private static void requireSameData(Checkpoint checkpoint, TrainingData data) {
        String before = checkpoint.manifest().dataFingerprint();
        if (!before.equals(data.fingerprint())) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "the training data is not what " + checkpoint.folder() + " was trained on (fingerprint "
                            + data.fingerprint() + " instead of " + before
                            + "; one of data.tokenize stream begins with \"stream-\"); restore the files and data.tokenize,"
                            + " or begin another run with --out");
        }
    }

    private RunSummary train(
            RunConfig resolved,
            TrainingData data,
            Tokenizer tokenizer,
            CheckpointStore store,
            Optional<Checkpoint> start) {
        Optional<CountingBaselines> baselines = data.baselines(config.model().vocabulary());
        RankRun run = new RankRun(
                resolved,
                folder,
                data,
                store,
                start,
                baselines,
                devices.gemmGflops(Precision.named(config.train().precision())),
                RankRun.versions(tokenizer),
                listener,
                stop);
        RunSummary summary = devices.run(config.train(), run::run, listener::message);
        if (summary.finished()) {
            folder.writeSummary(summary);
        }
        return summary;
    }
}
