package io.github.gptmoe.train;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.checkpoint.Checkpoint;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The checkpoint that {@code train.initialWeights} names: may a run begin with its weights? */
final class InitialWeights {
    private static final String TYPE_OF_ROUTER = "model.router.type";

    private InitialWeights() {}

    /**
     * Finds the checkpoint and compares its model with that of the run that begins.
     *
     * @return verified
     * @throws InputException if there is none, or its model has other parameters or computes something else with them
     */
    static Checkpoint find(RunConfig config, Consumer<String> warnings) {
        RunCheckpoint found = RunCheckpoint.of(path(config.train().initialWeights()), warnings);
        requireSameModel(found, config.model());
        return found.checkpoint();
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException malformed) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "train.initialWeights " + text + " is no path (" + malformed.getReason()
                            + "); name a run folder or one of its checkpoints",
                    malformed);
        }
    }

    private static void requireSameModel(RunCheckpoint source, ModelConfig model) {
        Map<String, String> theirs =
                FrozenConfig.flatten("model", source.run().readConfig().model());
        Map<String, String> ours = FrozenConfig.flatten("model", model);
        List<String> differing = new ArrayList<>();
        Set<String> keys = new TreeSet<>(theirs.keySet());
        keys.addAll(ours.keySet());
        for (String key : keys) {
            String before = theirs.getOrDefault(key, "absent");
            String now = ours.getOrDefault(key, "absent");
            if (!before.equals(now) && !isTrainingOnly(key)) {
                differing.add(key + ": the checkpoint's run has " + before + ", this call " + now);
            }
        }
        if (!differing.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "train.initialWeights: " + source.checkpoint().folder() + " is of another model:\n  "
                            + String.join("\n  ", differing) + "\nUse the model section of "
                            + source.run().config() + "; only router settings other than its type, capacityFactor and"
                            + " initStd may differ");
        }
    }

    /** Changes how the weights are trained, but neither their shapes nor what a trained model computes with them. */
    private static boolean isTrainingOnly(String key) {
        boolean routerSetting = key.startsWith("model.router.") && !key.equals(TYPE_OF_ROUTER);
        return routerSetting || key.equals("model.capacityFactor") || key.equals("model.initStd");
    }

    /** A row of the token table means nothing with another tokenizer. */
    static void requireTokenizer(Checkpoint checkpoint, RunConfig config, Tokenizer tokenizer) {
        String theirs = checkpoint.manifest().versions().getOrDefault(RankRun.TOKENIZER, "");
        if (!theirs.equals(tokenizer.fingerprint())) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "train.initialWeights: " + checkpoint.folder() + " was trained with another tokenizer than "
                            + config.data().tokenizer() + "; set data.tokenizer to the copy in the folder of its run");
        }
    }
}
