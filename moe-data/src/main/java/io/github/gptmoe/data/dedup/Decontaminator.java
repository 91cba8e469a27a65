package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.LongTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds evaluation texts in documents: a document is contaminated by a text if it has at least the share {@code overlap} of the
 * text's different n-grams. A pure function of a document; for several threads.
 */
public final class Decontaminator {
    private static final String ENDS = "。！？!?；;…\n";
    private static final int LEAST_REST = 50;
    private static final int MOST_LISTED = 10;

    private final EvaluationData data;
    private final DedupConfig config;

    /**
     * Makes one.
     *
     * @param data what must not be in documents
     * @param config overlap, and whether to cut
     */
    public Decontaminator(EvaluationData data, DedupConfig config) {
        this.data = data;
        this.config = config;
    }

    /**
     * Judges a document.
     *
     * @param text valid Unicode
     * @return what was found, and what stays
     */
    public Contamination judge(String text) {
        MatchText compared = MatchText.of(text);
        Map<Integer, Integer> hits = hits(compared);
        List<Contamination.Found> found = found(hits);
        if (found.isEmpty()) {
            return new Contamination(found, text);
        }
        if (!config.cut()) {
            return new Contamination(found, null);
        }
        String rest = without(text, covered(text, compared, hits.keySet()));
        // What comes together where something was cut out may be an n-gram again.
        MatchText comparedRest = MatchText.of(rest);
        boolean enough =
                comparedRest.length() >= LEAST_REST && found(hits(comparedRest)).isEmpty();
        return new Contamination(found, enough ? rest : null);
    }

    /** Text of evaluation data to how many of its different n-grams the document has. */
    private Map<Integer, Integer> hits(MatchText compared) {
        Map<Integer, Integer> hits = new TreeMap<>();
        LongTable seen = new LongTable(16);
        for (int length : data.lengths()) {
            EvaluationData.Rolling rolling = new EvaluationData.Rolling(length);
            for (int i = 0; i < compared.length(); i++) {
                rolling.add(compared, i);
                if (rolling.isFull(i) && data.has(rolling.hash()) && seen.add(rolling.hash(), 1) == 1) {
                    data.passagesOf(rolling.hash(), passage -> hits.merge(passage, 1, Integer::sum));
                }
            }
        }
        hits.entrySet().removeIf(hit -> share(hit.getKey(), hit.getValue()) < config.overlap());
        return hits;
    }

    private double share(int passage, int found) {
        return (double) found / data.grams(passage);
    }

    private List<Contamination.Found> found(Map<Integer, Integer> hits) {
        List<Contamination.Found> found = new ArrayList<>();
        hits.forEach((passage, count) -> {
            EvaluationData.Passage source = data.passage(passage);
            found.add(new Contamination.Found(source.file(), source.line(), source.field(), share(passage, count)));
        });
        found.sort(Comparator.comparingDouble(Contamination.Found::share).reversed());
        return List.copyOf(found.subList(0, Math.min(MOST_LISTED, found.size())));
    }

    /** The places of the original text that n-grams of some texts of evaluation data cover. */
    private BitSet covered(String text, MatchText compared, Set<Integer> passages) {
        BitSet covered = new BitSet(text.length());
        Set<Integer> wanted = new HashSet<>(passages);
        for (int length : data.lengths()) {
            EvaluationData.Rolling rolling = new EvaluationData.Rolling(length);
            for (int i = 0; i < compared.length(); i++) {
                rolling.add(compared, i);
                int place = i;
                if (rolling.isFull(i)) {
                    data.passagesOf(rolling.hash(), passage -> {
                        if (wanted.contains(passage)) {
                            covered.set(compared.origin(place - length + 1), compared.origin(place) + 1);
                        }
                    });
                }
            }
        }
        return covered;
    }

    /** The text without the sentences that have a covered place. */
    private static String without(String text, BitSet covered) {
        StringBuilder rest = new StringBuilder();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && ENDS.indexOf(text.charAt(end)) < 0) {
                end++;
            }
            while (end < text.length() && ENDS.indexOf(text.charAt(end)) >= 0) {
                end++;
            }
            int next = covered.nextSetBit(start);
            if (next < 0 || next >= end) {
                rest.append(text, start, end);
            }
            start = end;
        }
        return rest.toString().strip();
    }
}
