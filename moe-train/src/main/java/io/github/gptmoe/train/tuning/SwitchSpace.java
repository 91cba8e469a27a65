package io.github.gptmoe.train.tuning;

import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.RankDivision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Every combination of the switches' values that a run could have, with its configuration. */
public final class SwitchSpace {
    private final List<Axis> axes;
    private final Map<Combination, RunConfig> possible = new LinkedHashMap<>();
    private final Combination own;

    private SwitchSpace(List<Axis> axes, Combination own) {
        this.axes = List.copyOf(axes);
        this.own = own;
    }

    /**
     * Works the combinations out.
     *
     * @param loader makes a configuration out of overrides {@code key=value}; without any, the base
     * @param axes the switches
     * @return the space
     * @throws ConfigException if no combination is possible
     */
    public static SwitchSpace of(Function<List<String>, RunConfig> loader, List<Axis> axes) {
        RunConfig base = loader.apply(List.of());
        Map<String, String> values = new LinkedHashMap<>();
        axes.forEach(axis -> values.put(axis.key(), Switches.own(base, axis.key(), axes)));
        SwitchSpace space = new SwitchSpace(axes, new Combination(values));
        String misfit = "";
        for (Combination combination : grid(axes)) {
            try {
                RunConfig config = loader.apply(combination.sets());
                Optional<String> problem = RankDivision.problem(config.train(), combination.devices());
                if (problem.isEmpty()) {
                    space.possible.put(combination, config);
                } else {
                    misfit = problem.get();
                }
            } catch (ConfigException wrong) {
                misfit = String.join("; ", wrong.problems());
            }
        }
        if (space.possible.isEmpty()) {
            throw new ConfigException("--config", List.of("no combination is possible: " + misfit));
        }
        return space;
    }

    /** Last axis fastest. */
    private static List<Combination> grid(List<Axis> axes) {
        List<Combination> grid = List.of(new Combination(Map.of()));
        for (Axis axis : axes) {
            List<Combination> longer = new ArrayList<>();
            for (Combination before : grid) {
                axis.values().forEach(value -> longer.add(before.with(axis.key(), value)));
            }
            grid = longer;
        }
        return grid;
    }

    List<Axis> axes() {
        return axes;
    }

    Axis axis(String key) {
        return axes.stream().filter(axis -> axis.key().equals(key)).findFirst().orElseThrow();
    }

    /**
     * The possible combinations, on growing axes those that need less first.
     *
     * @return at least one
     */
    public List<Combination> combinations() {
        return List.copyOf(possible.keySet());
    }

    boolean contains(Combination combination) {
        return possible.containsKey(combination);
    }

    /**
     * The configuration of a possible combination.
     *
     * @param combination one of {@link #combinations}
     * @return complete
     */
    public RunConfig config(Combination combination) {
        return Objects.requireNonNull(possible.get(combination), combination::label);
    }

    /**
     * What the configuration has by itself.
     *
     * @return empty if that is not among what is tried
     */
    public Optional<Combination> own() {
        return Optional.of(own).filter(this::contains);
    }

    /** The configuration's own, or what has most in common with it. */
    Combination start() {
        Combination nearest = combinations().get(0);
        for (Combination candidate : possible.keySet()) {
            nearest = inCommon(candidate) > inCommon(nearest) ? candidate : nearest;
        }
        return nearest;
    }

    private long inCommon(Combination combination) {
        return axes.stream()
                .filter(axis -> combination.get(axis.key()).equals(own.get(axis.key())))
                .count();
    }

    /** Of those with the same values on axes that are not growing: what needs least memory. */
    Combination leastLike(Combination combination) {
        return possible.keySet().stream()
                .filter(candidate -> axes.stream()
                        .allMatch(axis ->
                                axis.growing() || candidate.get(axis.key()).equals(combination.get(axis.key()))))
                .findFirst()
                .orElse(combination);
    }

    /**
     * Whether one combination surely needs at least the memory of another. Steps of a single micro-batch are not comparable
     * with those that accumulate, which hold sums beside the gradients of a pass, possibly in a wider type.
     */
    boolean needsAtLeast(Combination one, Combination other) {
        return accumulates(one) == accumulates(other)
                && axes.stream().allMatch(axis -> {
                    int place = axis.values().indexOf(one.get(axis.key()));
                    int otherPlace = axis.values().indexOf(other.get(axis.key()));
                    return axis.growing() ? place >= otherPlace : place == otherPlace;
                });
    }

    private boolean accumulates(Combination combination) {
        return accumulation(combination) > 1;
    }

    /**
     * Passes of one rank in a step.
     *
     * @param combination a possible one
     * @return micro-batches of a step over ranks
     */
    public int accumulation(Combination combination) {
        return config(combination).train().microBatches() / combination.devices();
    }

    /** Switches that a table has no column for. */
    Map<String, String> further(Combination combination) {
        Map<String, String> further = new LinkedHashMap<>(combination.values());
        further.keySet()
                .removeAll(List.of(Switches.DEVICES, Switches.MICRO_BATCH, Switches.RECOMPUTE, Switches.ZERO_STAGE));
        return further;
    }

    /**
     * Tokens of a step, the same for all.
     *
     * @return global batch times sequence length
     */
    public long tokensPerStep() {
        RunConfig any = possible.values().iterator().next();
        return (long) any.train().globalBatch() * any.model().sequenceLength();
    }
}
