package io.github.gptmoe.train.tuning;

import io.github.gptmoe.train.tuning.Trial.Status;
import io.github.gptmoe.train.tuning.TuningListener.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Finds the combination with the fastest step.
 *
 * <ol>
 *   <li>The configuration's own combination is measured, or what is nearest to it.
 *   <li>If there are no more combinations than {@link Effort#trials}, all of them are. Else coordinate descent: each other
 *       value of each switch is tried with the best micro-batch so far, then with larger and smaller ones as long as that is
 *       faster, and taken if it ends up faster; until no switch gains anything or the trials are used up. The
 *       micro-batch follows the other switches because memory that they save is what a larger one costs.
 *   <li>What surely needs at least as much memory as something that did not fit is not run.
 *   <li>The best few, within {@value #FINAL_SHARE} times the best time, are measured again in turn; see {@link Finals}.
 * </ol>
 *
 * <p>A search that was left by an exception of its runner still has the {@link #table} of what was measured.
 */
public final class TuningSearch {
    /** More than a shared machine's speed moves during a search, so that the few best are compared even then. */
    static final double FINAL_SHARE = 1.5;

    private final SwitchSpace space;
    private final Effort effort;
    private final TrialRunner runner;
    private final TuningListener listener;
    private final LongSupplier nanos;
    private final boolean whole;
    private final Map<Combination, Trial> trials = new LinkedHashMap<>();
    private final Finals finals = new Finals();
    private int round;
    private int done;
    private long spentNanos;
    private boolean finished;

    /**
     * A search that has not begun.
     *
     * @param space what there is
     * @param effort how much of it
     * @param runner measures
     * @param listener hears of it
     * @param nanos a clock
     */
    public TuningSearch(
            SwitchSpace space, Effort effort, TrialRunner runner, TuningListener listener, LongSupplier nanos) {
        this.space = space;
        this.effort = effort;
        this.runner = runner;
        this.listener = listener;
        this.nanos = nanos;
        this.whole = space.combinations().size() <= effort.trials();
    }

    /**
     * Searches.
     *
     * @return what was found; without a winner if nothing could be measured
     * @throws IOException as the runner
     * @throws InterruptedException as the runner
     */
    public TuningTable run() throws IOException, InterruptedException {
        Combination start = space.start();
        trial(start);
        if (whole) {
            for (Combination combination : space.combinations()) {
                trial(combination);
            }
        } else {
            descend(start);
        }
        playFinals();
        finished = true;
        return table();
    }

    /**
     * What is known by now.
     *
     * @return a table, with a winner only if the search has come to its end
     */
    public TuningTable table() {
        return TuningTable.of(space, effort, whole, finished, trials, finals);
    }

    private void descend(Combination start) throws IOException, InterruptedException {
        Combination best = climb(start);
        if (!measured(best)) {
            best = climb(space.leastLike(start));
        }
        boolean gained = true;
        while (gained) {
            gained = false;
            for (Axis axis : space.axes()) {
                if (axis.key().equals(Switches.MICRO_BATCH)) {
                    continue; // every climb moves along it
                }
                for (String value : axis.values()) {
                    Combination other = climb(best.with(axis.key(), value));
                    if (faster(other, best)) {
                        best = other;
                        gained = true;
                    }
                }
            }
        }
    }

    /** The best micro-batch beside the other switches of a combination: larger ones first, if none is better smaller ones. */
    private Combination climb(Combination from) throws IOException, InterruptedException {
        trial(from);
        Combination up = measured(from) ? walk(from, 1) : from;
        return up.equals(from) ? walk(from, -1) : up;
    }

    /** Steps along the micro-batch while that is faster, or until something can be measured at all. */
    private Combination walk(Combination from, int direction) throws IOException, InterruptedException {
        List<String> values = space.axis(Switches.MICRO_BATCH).values();
        Combination best = from;
        int place = values.indexOf(from.get(Switches.MICRO_BATCH)) + direction;
        for (; place >= 0 && place < values.size(); place += direction) {
            Combination next = from.with(Switches.MICRO_BATCH, values.get(place));
            if (!space.contains(next)) {
                continue;
            }
            trial(next);
            if (faster(next, best)) {
                best = next;
            } else if (measured(best)) {
                break;
            }
        }
        return best;
    }

    private boolean measured(Combination combination) {
        Trial trial = trials.get(combination);
        return trial != null && trial.usable();
    }

    private boolean faster(Combination one, Combination other) {
        return measured(one) && (!measured(other) || seconds(one) < seconds(other));
    }

    private double seconds(Combination combination) {
        Trial trial = trials.get(combination);
        return trial == null ? Double.NaN : trial.seconds();
    }

    /** Measures what is possible, not known, and not without hope. */
    private void trial(Combination combination) throws IOException, InterruptedException {
        if (!space.contains(combination) || trials.containsKey(combination) || spent() >= effort.trials()) {
            return;
        }
        Optional<Combination> tooLarge = withoutHope(combination);
        trials.put(
                combination,
                tooLarge.isEmpty()
                        ? measure(combination)
                        : Trial.failed(
                                Status.EXPECTED_OUT_OF_MEMORY,
                                "not run: needs at least what " + tooLarge.get().label() + " needs"));
    }

    private Optional<Combination> withoutHope(Combination combination) {
        return trials.entrySet().stream()
                .filter(known -> known.getValue().status() == Status.OUT_OF_MEMORY)
                .map(Map.Entry::getKey)
                .filter(known -> space.needsAtLeast(combination, known))
                .findFirst();
    }

    private Trial measure(Combination combination) throws IOException, InterruptedException {
        listener.starting(progress(done + 1), combination);
        long begin = nanos.getAsLong();
        Trial trial = runner.run(combination);
        spentNanos += nanos.getAsLong() - begin;
        done++;
        if (round == 0) {
            trials.put(combination, trial); // so that what is left is counted with it
        } else {
            finals.add(combination, trial);
        }
        listener.ended(progress(done), combination, trial);
        return trial;
    }

    private Progress progress(int number) {
        int left = left();
        return new Progress(
                number,
                done + left,
                round,
                done == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(spentNanos / done * left)));
    }

    /** Measurements to come, at most. */
    private int left() {
        List<Combination> finalists = finals.finalists();
        if (round > 0) {
            return (int) finalists.stream()
                    .filter(finals::standing)
                    .mapToLong(finalist -> effort.rounds() - finals.of(finalist).size())
                    .sum();
        }
        int more = whole
                ? (int) space.combinations().stream()
                        .filter(combination -> !trials.containsKey(combination)
                                && withoutHope(combination).isEmpty())
                        .count()
                : effort.trials() - spent();
        long usable = trials.values().stream().filter(Trial::usable).count() + more;
        long several = Math.min(effort.finalists(), usable);
        return more + (several < 2 ? 0 : (int) several * effort.rounds());
    }

    /** Combinations that were measured or failed. */
    private int spent() {
        return (int) trials.values().stream()
                .filter(trial -> trial.status() != Status.EXPECTED_OUT_OF_MEMORY)
                .count();
    }

    private void playFinals() throws IOException, InterruptedException {
        List<Combination> byTime =
                new ArrayList<>(trials.keySet().stream().filter(this::measured).toList());
        byTime.sort(Comparator.comparingDouble(this::seconds));
        byTime.stream()
                .filter(candidate -> seconds(candidate) <= FINAL_SHARE * seconds(byTime.get(0)))
                .limit(effort.finalists())
                .forEach(finals::enter);
        if (finals.finalists().size() < 2) {
            return; // nothing to compare it with
        }
        for (round = 1; round <= effort.rounds(); round++) {
            List<Combination> order = new ArrayList<>(finals.finalists());
            if (round % 2 == 0) {
                Collections.reverse(order); // who comes last in one round comes first in the next
            }
            for (Combination finalist : order) {
                if (finals.standing(finalist)) {
                    measure(finalist);
                }
            }
        }
    }
}
