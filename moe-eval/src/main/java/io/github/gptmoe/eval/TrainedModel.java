package io.github.gptmoe.eval;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A model as a run left it, ready to compute: weights, tokenizer and the configuration they were made with.
 *
 * <p>The optimizer's state is not read; memory is that of the weights in the chosen precision. Experts take every token
 * that is sent to them, whatever capacity the model was trained with: with drops, the score of a text would depend on the
 * texts beside it.
 */
public final class TrainedModel implements AutoCloseable {
    private static final String WEIGHTS = "weights.safetensors";

    private final RunConfig config;
    private final Path checkpointFolder;
    private final NDManager manager;
    private final GptModel model;
    private final ParameterStore weights;
    private final Precision precision;
    private final Tokenizer tokenizer;

    private TrainedModel(
            RunConfig config, Checkpoint checkpoint, NDManager manager, Precision precision, Tokenizer tokenizer) {
        this.config = config;
        this.checkpointFolder = checkpoint.folder();
        this.manager = manager;
        this.precision = precision;
        this.tokenizer = tokenizer;
        this.model = new GptModel(withoutDrops(config.model()));
        this.weights = read(checkpoint);
    }

    /**
     * Reads a model into the memory of the CPU.
     *
     * @param runOrCheckpoint a run folder, whose newest checkpoint that verifies is taken, or one of its
     *     {@code checkpoints/step-N} folders
     * @param precision precision of weights and activations; router weights stay FP32
     * @return the model, to be closed by the caller
     * @throws InputException if there is no such run, or its tokenizer or weights do not fit
     * @throws io.github.gptmoe.train.checkpoint.CheckpointException if no checkpoint can be used
     */
    public static TrainedModel open(Path runOrCheckpoint, Precision precision) {
        return open(CheckpointLocation.of(runOrCheckpoint), config -> precision);
    }

    private static TrainedModel open(CheckpointLocation location, Function<RunConfig, Precision> precision) {
        RunConfig config = location.run().readConfig();
        Tokenizer tokenizer = TokenizerFile.open(
                location.run(),
                config,
                location.checkpoint().manifest().versions().get("tokenizer"));
        try {
            return open(config, location.checkpoint(), precision.apply(config), tokenizer);
        } catch (RuntimeException | Error failed) {
            tokenizer.close();
            throw failed;
        }
    }

    /**
     * Reads a model in the precision that it was trained in: BF16 for a BF16 run, FP16 for an FP16 run.
     *
     * @param runOrCheckpoint as above
     * @return the model, to be closed by the caller
     * @throws InputException as above
     * @throws io.github.gptmoe.train.checkpoint.CheckpointException as above
     */
    public static TrainedModel open(Path runOrCheckpoint) {
        return open(
                CheckpointLocation.of(runOrCheckpoint),
                config -> Precision.named(config.train().precision()));
    }

    private static TrainedModel open(
            RunConfig config, Checkpoint checkpoint, Precision precision, Tokenizer tokenizer) {
        KernelModule.enter();
        NDManager manager = NDManager.newBaseManager(Device.cpu());
        try {
            return new TrainedModel(config, checkpoint, manager, precision, tokenizer);
        } catch (RuntimeException | Error failed) {
            manager.close();
            throw failed;
        }
    }

    static ModelConfig withoutDrops(ModelConfig trained) {
        return new ModelConfig(
                trained.layers(),
                trained.hidden(),
                trained.heads(),
                trained.sequenceLength(),
                trained.vocabulary(),
                trained.experts(),
                trained.moeInterval(),
                trained.residual(),
                trained.router(),
                0.0,
                trained.positions(),
                trained.norm(),
                trained.activation(),
                trained.tieEmbeddings(),
                trained.initStd());
    }

    private ParameterStore read(Checkpoint checkpoint) {
        try (TensorFiles files = checkpoint.openTensors(WEIGHTS)) {
            return new LoadedWeights(manager, model, files, precision);
        } catch (IOException unfit) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "checkpoint " + checkpoint.folder() + " cannot be used: " + unfit.getMessage(),
                    unfit);
        }
    }

    /**
     * The configuration of the run.
     *
     * @return as the run wrote it
     */
    public RunConfig config() {
        return config;
    }

    /**
     * Where the weights came from.
     *
     * @return the checkpoint's folder
     */
    public Path checkpointFolder() {
        return checkpointFolder;
    }

    /**
     * The owner of the weights.
     *
     * @return a manager that lives as long as this; make a sub-manager for each computation
     */
    public NDManager manager() {
        return manager;
    }

    /**
     * The stages.
     *
     * @return the model; its own parameters have no arrays, {@link #weights} brings them
     */
    public GptModel model() {
        return model;
    }

    /**
     * The arrays of the parameters.
     *
     * @return a store that several threads may read
     */
    public ParameterStore weights() {
        return weights;
    }

    /** What computing needs of this; valid while this is open. */
    InferenceModel inference() {
        return new InferenceModel(model, weights, precision, manager);
    }

    /**
     * The precision of weights and activations.
     *
     * @return as given to {@link #open}, or that of the run
     */
    public Precision precision() {
        return precision;
    }

    /**
     * The tokenizer.
     *
     * @return closed with this
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * The longest context.
     *
     * @return tokens the model can be given at once
     */
    public int sequenceLength() {
        return model.config().sequenceLength();
    }

    /** Frees weights and tokenizer; no computation may be under way. */
    @Override
    public void close() {
        try (manager) {
            tokenizer.close();
        }
    }
}
