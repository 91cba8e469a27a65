package io.github.gptmoe.train.tuning;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which switches there are. What accumulates follows from the micro-batch, since the global batch stays.
 *
 * <p>A switch belongs here if it changes what a step costs and not, rounding aside, what it computes, and if the measured
 * steps have to do with it. Those make their own tokens, so threads that load data are no switch yet; once {@code moe bench
 * step} loads data their key is one more line of {@code KEYS}, and one of {@link #axes} if it is to be tried unasked.
 */
public final class Switches {
    /** Ranks of the process: no key of the configuration, but an option of the commands. */
    public static final String DEVICES = "devices";

    /** Sequences of one forward and backward pass. */
    public static final String MICRO_BATCH = "train.microBatch";

    /** Blocks computed again in backward. */
    public static final String RECOMPUTE = "train.recompute";

    /** What is divided over the ranks. */
    public static final String ZERO_STAGE = "train.zeroStage";

    /** Tokens whose logits are held at once. */
    public static final String HEAD_CHUNK = "train.headChunk";

    /** Keys that can be tried. */
    private static final List<String> KEYS = List.of(
            MICRO_BATCH,
            RECOMPUTE,
            ZERO_STAGE,
            HEAD_CHUNK,
            "train.attention",
            "train.expertParallel",
            "train.offloadOptimizer");

    /** Beyond this a list of values is a mistake. */
    private static final int MOST_COMBINATIONS = 4096;

    private Switches() {}

    /**
     * The axes of a search.
     *
     * @param loader makes a configuration out of overrides {@code key=value}; without any, the base
     * @param devices numbers of ranks, at least one
     * @param tried key to values that replace those that a key would have, or are added
     * @return an axis for each switch that has a choice or is shown
     * @throws ConfigException with everything that is wrong with {@code tried}
     */
    public static List<Axis> axes(
            Function<List<String>, RunConfig> loader, List<Integer> devices, Map<String, List<String>> tried) {
        RunConfig base = loader.apply(List.of());
        requireSense(loader, base, tried);
        boolean several = devices.stream().anyMatch(count -> count > 1);
        int own = base.train().zeroStage();
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put(DEVICES, devices.stream().map(String::valueOf).toList());
        values.put(MICRO_BATCH, microBatches(base.train()));
        values.put(RECOMPUTE, recompute(base));
        values.put(ZERO_STAGE, several ? List.of("0", "1", "2") : List.of(Integer.toString(own)));
        values.putAll(tried);
        List<Axis> axes = new ArrayList<>();
        long combinations = 1;
        for (Map.Entry<String, List<String>> axis : values.entrySet()) {
            axes.add(Axis.of(axis.getKey(), axis.getValue()));
            combinations *= axis.getValue().size();
        }
        if (combinations > MOST_COMBINATIONS) {
            throw new ConfigException(
                    "--try",
                    List.of(combinations + " combinations are more than " + MOST_COMBINATIONS + "; name fewer values"));
        }
        return List.copyOf(axes);
    }

    private static void requireSense(
            Function<List<String>, RunConfig> loader, RunConfig base, Map<String, List<String>> tried) {
        Set<String> known = ConfigWriter.values(base).keySet();
        List<String> usable = KEYS.stream().filter(known::contains).toList();
        List<String> problems = new ArrayList<>();
        tried.forEach((key, values) -> {
            if (!usable.contains(key)) {
                problems.add(key + " is no switch: with other values it would be another run, or there is no such key;"
                        + " use " + String.join(", ", usable) + ", or --set for all trials");
                return;
            }
            for (String value : values) {
                try {
                    var unused = loader.apply(List.of(key + "=" + value));
                } catch (ConfigException wrong) {
                    wrong.problems().forEach(problem -> problems.add(key + "=" + value + ": " + problem));
                }
            }
        });
        if (!problems.isEmpty()) {
            throw new ConfigException("--try", problems);
        }
    }

    /** Divisors of the batches of all steps, each at least twice the one before, with the configuration's own. */
    static List<String> microBatches(TrainConfig train) {
        Set<Integer> chosen = new TreeSet<>(Set.of(train.microBatch()));
        int before = 0;
        for (int divisor : IntStream.rangeClosed(1, train.globalBatch())
                .filter(train::isDividedBy)
                .toArray()) {
            if (divisor >= 2 * before) {
                chosen.add(divisor);
                before = divisor;
            }
        }
        return chosen.stream().map(String::valueOf).toList();
    }

    /** Those that differ in this model, with the configuration's own. */
    static List<String> recompute(RunConfig base) {
        ModelConfig model = base.model();
        long moe = IntStream.range(0, model.layers()).filter(model::isMoe).count();
        String own = written(base.train().recompute());
        List<String> values = new ArrayList<>(List.of("all", "moe", "none"));
        if (moe == 0) { // moe means none
            values.remove(own.equals("moe") ? "none" : "moe");
        } else if (moe == model.layers()) { // moe means all
            values.remove(own.equals("moe") ? "all" : "moe");
        }
        if (!values.contains(own)) {
            values.add(own);
        }
        return values;
    }

    /** What the configuration itself has for a switch. */
    static String own(RunConfig base, String key, List<Axis> axes) {
        if (key.equals(DEVICES)) {
            return axes.stream()
                    .filter(axis -> axis.key().equals(DEVICES))
                    .map(axis -> axis.values().get(0))
                    .findFirst()
                    .orElse("1");
        }
        return key.equals(RECOMPUTE)
                ? written(base.train().recompute())
                : ConfigWriter.values(base).getOrDefault(key, "");
    }

    private static String written(List<String> recompute) {
        return recompute.size() == 1 && !Character.isDigit(recompute.get(0).charAt(0))
                ? recompute.get(0)
                : "[" + String.join(", ", recompute) + "]";
    }
}
