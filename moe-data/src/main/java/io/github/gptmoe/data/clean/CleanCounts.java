package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What cleaning did to a set of documents.
 *
 * @param documents documents read
 * @param unchanged documents kept as they were
 * @param changed documents kept with changes
 * @param dropped documents dropped
 * @param before how the texts looked
 * @param after how those that were kept look
 * @param rules name to what the rule did, for rules that did anything
 * @param samples some documents of each rule
 */
public record CleanCounts(
        long documents,
        long unchanged,
        long changed,
        long dropped,
        TextProfile before,
        TextProfile after,
        Map<String, RuleCount> rules,
        List<CleanSample> samples)
        implements Serializable {

    /** Nothing. */
    public static final CleanCounts NONE =
            new CleanCounts(0, 0, 0, 0, TextProfile.NONE, TextProfile.NONE, Map.of(), List.of());

    /**
     * Adds later documents; of each rule and kind the first samples stay.
     *
     * @param later their counts
     * @param mostSamples samples of each rule and kind
     * @return the counts of both
     */
    public CleanCounts plus(CleanCounts later, int mostSamples) {
        Map<String, RuleCount> sums = new TreeMap<>(rules);
        later.rules.forEach((rule, count) -> sums.merge(rule, count, RuleCount::plus));
        Map<String, Integer> taken = new HashMap<>();
        List<CleanSample> first = new ArrayList<>();
        for (List<CleanSample> some : List.of(samples, later.samples)) {
            for (CleanSample sample : some) {
                if (taken.merge(kind(sample), 1, Integer::sum) <= mostSamples) {
                    first.add(sample);
                }
            }
        }
        return new CleanCounts(
                documents + later.documents,
                unchanged + later.unchanged,
                changed + later.changed,
                dropped + later.dropped,
                before.plus(later.before),
                after.plus(later.after),
                sums,
                first);
    }

    private static String kind(CleanSample sample) {
        return (sample.reason().isEmpty() ? "changed " : "dropped ") + sample.rule();
    }

    /** Counts documents one after the other. */
    static final class Builder {
        private final String file;
        private final int mostSamples;
        private final TextProfile.Builder before = new TextProfile.Builder();
        private final TextProfile.Builder after = new TextProfile.Builder();
        private final Map<String, RuleCount> rules = new TreeMap<>();
        private final List<CleanSample> samples = new ArrayList<>();
        private long documents;
        private long unchanged;
        private long changed;
        private long dropped;

        Builder(String file, int mostSamples) {
            this.file = file;
            this.mostSamples = mostSamples;
        }

        void add(Document document, CleanResult result) {
            documents++;
            before.add(document.text());
            for (CleanResult.Change change : result.changes()) {
                RuleCount count = rules.merge(change.rule(), new RuleCount(1, 0), RuleCount::plus);
                if (count.changed() <= mostSamples) {
                    samples.add(CleanSample.changed(file, document, change));
                }
            }
            String text = result.text();
            if (text == null) {
                dropped++;
                RuleCount count = rules.merge(result.droppedBy(), new RuleCount(0, 1), RuleCount::plus);
                if (count.dropped() <= mostSamples) {
                    samples.add(CleanSample.dropped(file, document, result));
                }
                return;
            }
            after.add(text);
            if (result.changes().isEmpty()) {
                unchanged++;
            } else {
                changed++;
            }
        }

        CleanCounts build() {
            return new CleanCounts(
                    documents, unchanged, changed, dropped, before.build(), after.build(), rules, samples);
        }
    }
}
