package io.github.gptmoe.train.tuning;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a search has found.
 *
 * @param strategy {@code full grid} or {@code coordinate descent}
 * @param combinations how many are possible
 * @param tokensPerStep of all of them
 * @param complete false if the search was stopped
 * @param rounds of the finals
 * @param noise share by which times may differ and count as equal
 * @param spread half the range of a combination's rounds over its median; not a number without finals
 * @param speedup time of the configuration's own combination over the winner's, of the finals where both were in them; null
 *     unless both were measured
 * @param rows what was tried, in the order of the space
 * @param winning the winner, which no document repeats
 */
public record TuningTable(
        String strategy,
        int combinations,
        long tokensPerStep,
        boolean complete,
        int rounds,
        double noise,
        double spread,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double speedup,
        List<TuningRow> rows,
        @JsonIgnore Optional<Combination> winning) {

    static TuningTable of(
            SwitchSpace space,
            Effort effort,
            boolean whole,
            boolean complete,
            Map<Combination, Trial> trials,
            Finals finals) {
        Optional<Combination> winner = complete ? finals.winner() : Optional.empty();
        List<TuningRow> rows = new ArrayList<>();
        for (Combination combination : space.combinations()) {
            Trial trial = trials.get(combination);
            if (trial != null) {
                boolean won = winner.filter(combination::equals).isPresent();
                rows.add(TuningRow.of(space, combination, trial, finals.of(combination), won));
            }
        }
        return new TuningTable(
                whole ? "full grid" : "coordinate descent",
                space.combinations().size(),
                space.tokensPerStep(),
                complete,
                effort.rounds(),
                finals.noise(),
                finals.spread(),
                winner.flatMap(won -> space.own().map(own -> speedup(own, won, trials, finals)))
                        .filter(Double::isFinite)
                        .orElse(null),
                List.copyOf(rows),
                winner);
    }

    private static double speedup(Combination own, Combination won, Map<Combination, Trial> trials, Finals finals) {
        boolean both = !finals.of(own).isEmpty()
                && finals.standing(own)
                && !finals.of(won).isEmpty();
        return both ? finals.seconds(own) / finals.seconds(won) : seconds(own, trials) / seconds(won, trials);
    }

    private static double seconds(Combination combination, Map<Combination, Trial> trials) {
        Trial trial = trials.get(combination);
        return trial != null && trial.usable() ? trial.seconds() : Double.NaN;
    }

    /**
     * Whether the machine's speed moved so much that combinations that are not equal may count as such, or the other way
     * round.
     *
     * @return true if the rounds of a combination differ by more than times that count as equal
     */
    @JsonIgnore
    public boolean disturbed() {
        return spread > noise;
    }

    /**
     * The row of the winner.
     *
     * @return empty if nothing could be measured, or the search was stopped
     */
    @JsonIgnore
    public Optional<TuningRow> winnerRow() {
        return rows.stream().filter(TuningRow::winner).findFirst();
    }
}
