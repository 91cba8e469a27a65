package io.github.gptmoe.train;

import ai.djl.engine.Engine;
import io.github.gptmoe.core.kernel.KernelModule;
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
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.report.RunSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * A pretraining run from text files to a finished checkpoint.
 *
 * <pre>
 * tokenizer, text  -> tokens, batches    TrainingData
 * batch            -> loss, gradients    TrainStep, Pipeline
 * every so often   -> validation, checkpoint
 * </pre>
 *
 * <p>A run may have several processes, each of which calls this. They meet first. Process 0 then finds out where the run starts,
 * and packs the text; it alone writes. The others are told ({@link Beginning}), open the same files and hear nothing more than
 * that they have joined. What every rank then does is {@link RankRun}.
 */
public final class Pretraining {
    private final RunConfig config;
    private final RunFolder folder;
    private final Resume resume;
    private final TrainListener listener;
    private final StopRequest stop;
    private final AttentionResolver attention;
    private final Function<TrainConfig, Node> place;

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
     * Describes a run; nothing is read or written yet. Where it has several processes, {@code resume} and {@code attention} of
     * process 0 count.
     *
     * @param config the complete configuration, equal in all processes
     * @param folder where the run lives; all processes must reach it
     * @param resume where it starts
     * @param listener hears of progress
     * @param stop lets another thread stop it, in all processes
     * @param attention chooses the form of attention, if the run begins and its configuration leaves it open
     * @param devices what this process brings
     */
    public Pretraining(
            RunConfig config,
            RunFolder folder,
            Resume resume,
            TrainListener listener,
            StopRequest stop,
            AttentionResolver attention,
            Devices devices) {
        this(config, folder, resume, listener, stop, attention, devices::node);
    }

    Pretraining(
            RunConfig config,
            RunFolder folder,
            Resume resume,
            TrainListener listener,
            StopRequest stop,
            AttentionResolver attention,
            Function<TrainConfig, Node> place) {
        this.config = config;
        this.folder = folder;
        this.resume = resume;
        this.listener = listener;
        this.stop = stop;
        this.attention = attention;
        this.place = place;
    }

    /**
     * Trains to the end or until stopped.
     *
     * @return final values, and whether the last step was made
     * @throws InputException for data, tokenizer or checkpoint that do not fit, with the remedy
     * @throws io.github.gptmoe.train.collective.CollectiveException if another process or rank failed, with its cause
     */
    public RunSummary run() {
        Node node = place.apply(config.train());
        try (World world = node.join(config, listener::message)) {
            return world.run(() -> {
                Devices.requireDivisible(config.train(), world);
                return world.process() == 0 ? lead(node, world) : follow(node, world);
            });
        }
    }

    private RunSummary lead(Node node, World world) {
        folder.create();
        try {
            RunLock lock = RunLock.acquire(folder.path());
            try {
                return leadLocked(node, world);
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RunSummary leadLocked(Node node, World world) {
        CheckpointStore store = store();
        StartingPoint point = new StartingPoint(config, folder, resume, listener::message);
        Optional<Checkpoint> continued = point.find(store);
        Optional<RunSummary> finished = finished(continued);
        if (finished.isPresent()) {
            listener.message(folder.path() + " is finished: " + finished.get().step() + " steps");
            Beginning.none().tell(world);
            return finished.get();
        }
        Start start = continued.map(Start::goingOn).orElseGet(this::beginning);
        config.train().warning(config.model().sequenceLength()).ifPresent(listener::message);
        try (Tokenizer tokenizer = tokenizer();
                TrainingData data = data(world, tokenizer, listener)) {
            requireFit(start, tokenizer, data);
            RunConfig resolved = withAttention(point.configBefore(continued));
            world.failure().check(); // nothing is written for a run that another process has ended
            folder.writeConfig(resolved);
            folder.keepTokenizer(Path.of(config.data().tokenizer()), listener::message);
            folder.removeSummary();
            Beginning.of(folder, start, resolved).tell(world);
            RunSummary summary = train(node, world, new Opened(resolved, store, start, data, tokenizer));
            if (summary.finished()) {
                folder.writeSummary(summary);
            }
            part(world);
            return summary;
        }
    }

    /** A run without a checkpoint of its own. */
    private Start beginning() {
        boolean named = !config.train().initialWeights().isBlank();
        return new Start(
                Optional.empty(),
                named ? Optional.of(InitialWeights.find(config, listener::message)) : Optional.empty());
    }

    private void requireFit(Start start, Tokenizer tokenizer, TrainingData data) {
        start.continued().ifPresent(checkpoint -> StartingPoint.goOn(checkpoint, data));
        start.weights().ifPresent(checkpoint -> InitialWeights.requireTokenizer(checkpoint, config, tokenizer));
    }

    private Optional<RunSummary> finished(Optional<Checkpoint> start) {
        long done =
                start.map(checkpoint -> checkpoint.manifest().state().step()).orElse(0L);
        return done == config.train().totalSteps(config.model().sequenceLength())
                ? folder.readSummary()
                : Optional.empty();
    }

    /** Before the model takes its memory: a form is chosen by measuring, and by what fits. */
    private RunConfig withAttention(Optional<RunConfig> before) {
        KernelModule.enter();
        AttentionChoice choice = RunAttention.choose(
                config, before, attention, Engine.getEngine("PyTorch").defaultDevice());
        listener.message(choice.line());
        return config.withAttention(choice.form());
    }

    private RunSummary follow(Node node, World world) {
        listener.message("process " + world.process() + " has joined as ranks " + world.firstRank() + ".."
                + (world.firstRank() + world.localRanks() - 1) + " of " + world.worldSize());
        Beginning beginning = Beginning.hear(world);
        if (beginning.finished()) {
            return beginning.summary(folder);
        }
        CheckpointStore store = store();
        Start start = beginning.open(folder, store);
        try (Tokenizer tokenizer = tokenizer();
                TrainingData data = data(world, tokenizer, new SilentListener())) {
            requireFit(start, tokenizer, data);
            RunConfig resolved = beginning.resolve(config);
            RunSummary summary = train(node, world, new Opened(resolved, store, start, data, tokenizer));
            part(world);
            return summary;
        }
    }

    private CheckpointStore store() {
        return new CheckpointStore(
                folder.checkpoints(),
                config.checkpoint().keepLast(),
                config.checkpoint().shardBytes());
    }

    private Tokenizer tokenizer() {
        Tokenizer tokenizer = SentencePieceTokenizer.open(Path.of(config.data().tokenizer()));
        int pieces = tokenizer.vocabularySize();
        if (pieces > config.model().vocabulary()) {
            tokenizer.close();
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "tokenizer " + config.data().tokenizer() + " has " + pieces + " pieces but model.vocabulary is "
                            + config.model().vocabulary() + "; set model.vocabulary to at least " + pieces);
        }
        return tokenizer;
    }

    /** Finds the packed text or packs it, or begins to stream; a failure elsewhere ends that, and nothing is left half-packed. */
    private TrainingData data(World world, Tokenizer tokenizer, TrainListener heard) {
        DataRequest request = new DataRequest(
                config.model().sequenceLength(), config.train().seed(), Validation.sequences(config.train()));
        return TrainingData.open(config.data(), tokenizer, request, (documents, textBytes, tokens, fraction) -> {
            world.failure().check();
            heard.packed(documents, textBytes, tokens, fraction);
        });
    }

    /** What a process has opened for its ranks. */
    private record Opened(
            RunConfig config, CheckpointStore store, Start start, TrainingData data, Tokenizer tokenizer) {}

    private RunSummary train(Node node, World world, Opened opened) {
        Yardsticks yardsticks = Yardsticks.agreed(world, opened.config, opened.data);
        RankRun run = new RankRun(
                opened.config,
                folder,
                opened.data,
                opened.store,
                opened.start,
                yardsticks,
                RankRun.versions(opened.tokenizer, opened.start),
                listener,
                stop);
        return node.ranks().run(world, run::run, listener::message);
    }

    /** Nobody leaves before process 0 has written the last: what it may yet fail of, all fail of. */
    private static void part(World world) {
        world.settle("", said -> "");
    }
}
