package io.github.gptmoe.data.dedup;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What counts as a duplicate, and as evaluation data. Characters are those of the text as it is compared: NFKC, lower case, letters and
 * digits alone.
 *
 * @param near least Jaccard similarity of the shingles of two documents that are duplicates; 0 looks for equal texts alone; default 0.8
 * @param shingle characters of a shingle; default 5
 * @param hashes most MinHash values of a document; default 128
 * @param recall least share of pairs at exactly {@code near} that become candidates; default 0.98
 * @param ngram characters of an n-gram that documents and evaluation data are compared by; default 13
 * @param overlap a document is contaminated if it has at least this share of the n-grams of some evaluation text; default 0.3
 * @param shortest evaluation texts of fewer characters than {@code ngram}, but at least so many, are looked for whole; default
 *     {@code ngram}, which means none
 * @param cut whether sentences with evaluation data are cut out of a document, instead of dropping it; default false
 */
public record DedupConfig(
        Double near,
        Integer shingle,
        Integer hashes,
        Double recall,
        Integer ngram,
        Double overlap,
        Integer shortest,
        Boolean cut)
        implements Serializable {
    private static final int MOST_HASHES = 1024;
    private static final int LONGEST_GRAM = 200;

    /**
     * Fills in defaults.
     *
     * @param near as above
     * @param shingle as above
     * @param hashes as above
     * @param recall as above
     * @param ngram as above
     * @param overlap as above
     * @param shortest as above
     * @param cut as above
     */
    public DedupConfig {
        near = Objects.requireNonNullElse(near, 0.8);
        shingle = Objects.requireNonNullElse(shingle, 5);
        hashes = Objects.requireNonNullElse(hashes, 128);
        recall = Objects.requireNonNullElse(recall, 0.98);
        ngram = Objects.requireNonNullElse(ngram, 13);
        overlap = Objects.requireNonNullElse(overlap, 0.3);
        shortest = Objects.requireNonNullElse(shortest, ngram);
        cut = Objects.requireNonNullElse(cut, false);
    }

    /**
     * All defaults.
     *
     * @return the usual settings
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static DedupConfig defaults() {
        return new DedupConfig(null, null, null, null, null, null, null, null);
    }

    /**
     * Whether documents are compared by similarity.
     *
     * @return false where equal texts alone are duplicates
     */
    public boolean comparesSimilar() {
        return near > 0;
    }

    /**
     * The shape of signatures.
     *
     * @return bands and rows; null where documents are not compared by similarity
     * @throws java.util.NoSuchElementException if the values have {@link #problems()}
     */
    public @Nullable Banding banding() {
        return comparesSimilar() ? Banding.of(near, hashes, recall).orElseThrow() : null;
    }

    /**
     * Judges the values.
     *
     * @return for each wrong one, what is wrong and the remedy
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        // Written so that NaN is refused as well.
        if (!(near == 0 || (near >= 0.3 && near <= 1))) {
            problems.put(
                    "near",
                    "is " + near
                            + "; it must lie between 0.3 and 1 (a usual value is 0.8), or be 0 for equal texts alone");
        }
        if (shingle < 1 || shingle > LONGEST_GRAM) {
            problems.put(
                    "shingle",
                    "is " + shingle + "; it must lie between 1 and " + LONGEST_GRAM + " (a usual value is 5)");
        }
        if (hashes < 1 || hashes > MOST_HASHES) {
            problems.put(
                    "hashes",
                    "is " + hashes + "; it must lie between 1 and " + MOST_HASHES + " (a usual value is 128)");
        }
        if (!(recall > 0 && recall < 1)) {
            problems.put(
                    "recall", "is " + recall + "; it must lie between 0 and 1, both excluded (a usual value is 0.98)");
        }
        if (problems.isEmpty()
                && comparesSimilar()
                && Banding.of(near, hashes, recall).isEmpty()) {
            problems.put(
                    "hashes",
                    "is " + hashes + ", too few to find the share recall " + recall + " of pairs of similarity " + near
                            + "; raise hashes or near, or lower recall");
        }
        if (ngram < 4 || ngram > LONGEST_GRAM) {
            problems.put(
                    "ngram", "is " + ngram + "; it must lie between 4 and " + LONGEST_GRAM + " (a usual value is 13)");
        }
        if (!(overlap > 0 && overlap <= 1)) {
            problems.put("overlap", "is " + overlap + "; it must be above 0 and at most 1 (a usual value is 0.3)");
        }
        if (shortest < 4 || shortest > ngram) {
            problems.put("shortest", "is " + shortest + "; it must lie between 4 and ngram, " + ngram);
        }
        return problems;
    }
}
