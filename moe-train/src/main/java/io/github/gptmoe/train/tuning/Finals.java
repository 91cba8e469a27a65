package io.github.gptmoe.train.tuning;

import io.github.gptmoe.train.report.Median;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The best few, measured again in turn, a, b, c, c, b, a, ...: a machine that gets slower in between slows all of them alike.
 * Only these measurements decide, since the first ones, of which the fastest were picked, are the lucky ones among equals.
 */
final class Finals {
    /** Times that differ by less are not told apart, however quiet the rounds were. */
    private static final double LEAST_NOISE = 0.01;

    /** A noisy machine is no reason to give away more. */
    private static final double MOST_NOISE = 0.03;

    /** Peaks that differ by less are equal. */
    private static final double MEMORY_NOISE = 0.02;

    private final Map<Combination, List<Trial>> rounds = new LinkedHashMap<>();

    /** Takes part. */
    void enter(Combination finalist) {
        rounds.put(finalist, new ArrayList<>());
    }

    List<Combination> finalists() {
        return List.copyOf(rounds.keySet());
    }

    void add(Combination finalist, Trial trial) {
        Objects.requireNonNull(rounds.get(finalist), finalist::label).add(trial);
    }

    /** Trials of a combination by round; empty for one that does not take part. */
    List<Trial> of(Combination combination) {
        return rounds.getOrDefault(combination, List.of());
    }

    /** Whether it has failed in no round. */
    boolean standing(Combination finalist) {
        return of(finalist).stream().allMatch(Trial::usable);
    }

    /** Median seconds a step. */
    double seconds(Combination finalist) {
        return Median.of(of(finalist).stream().mapToDouble(Trial::seconds).toArray());
    }

    /**
     * The fastest, or among those that are as fast within {@link #noise} the one that needs least memory; of equal needs the
     * faster one.
     *
     * @return empty if none is standing
     */
    Optional<Combination> winner() {
        List<Combination> standing = finalists().stream().filter(this::standing).toList();
        Optional<Combination> fastest = standing.stream().min(Comparator.comparingDouble(this::seconds));
        if (standing.size() < 2) {
            return fastest;
        }
        List<Combination> equal = standing.stream()
                .filter(finalist -> asFast(finalist, fastest.get()))
                .toList();
        if (equal.stream().anyMatch(finalist -> peak(finalist) < 0)) {
            return fastest; // the system does not tell
        }
        long least = equal.stream().mapToLong(this::peak).min().orElseThrow();
        return equal.stream()
                .filter(finalist -> peak(finalist) <= least * (1 + MEMORY_NOISE))
                .min(Comparator.comparingDouble(this::seconds));
    }

    /** By how much times may differ and count as equal: {@link #spread}, within bounds. */
    double noise() {
        double spread = spread();
        return Double.isNaN(spread) ? LEAST_NOISE : Math.min(MOST_NOISE, Math.max(LEAST_NOISE, spread));
    }

    /** Half the range of a finalist's rounds over its median, the middle one of the finalists; not a number without rounds. */
    double spread() {
        return Median.of(finalists().stream()
                .filter(finalist -> standing(finalist) && !of(finalist).isEmpty())
                .mapToDouble(this::halfRange)
                .toArray());
    }

    private double halfRange(Combination finalist) {
        var seconds = of(finalist).stream().mapToDouble(Trial::seconds).summaryStatistics();
        return (seconds.getMax() - seconds.getMin()) / 2 / seconds(finalist);
    }

    /** By the medians that a table shows, and by the rounds, where a slow moment of the machine meets both. */
    private boolean asFast(Combination finalist, Combination fastest) {
        double within = 1 + noise();
        return seconds(finalist) <= within * seconds(fastest) && ratio(finalist, fastest) <= within;
    }

    /** Median of the ratios within a round. */
    private double ratio(Combination one, Combination other) {
        return Median.of(IntStream.range(0, Math.min(of(one).size(), of(other).size()))
                .mapToDouble(round ->
                        of(one).get(round).seconds() / of(other).get(round).seconds())
                .toArray());
    }

    /** Largest of the rounds; -1 if one does not tell. */
    private long peak(Combination finalist) {
        long peak = 0;
        for (Trial trial : of(finalist)) {
            Long bytes = trial.peakBytes();
            if (bytes == null) {
                return -1;
            }
            peak = Math.max(peak, bytes);
        }
        return peak;
    }
}
