package io.github.gptmoe.data;

import java.util.Arrays;
import java.util.List;

/** The tokenised documents of a source, by their number in the order of its files. */
final class SourceTokens {
    private final List<PartTokens> parts;
    private final long[] firstDocuments;
    private final double validationFraction;
    private final Split train;
    private final Split validation;

    /** Documents and tokens, their ends included. */
    record Split(long documents, long tokens) {}

    /** Documents whose hash is below the fraction are validation; 1 makes them all so, 0 none. */
    SourceTokens(List<PartTokens> parts, double validationFraction) {
        this.parts = List.copyOf(parts);
        this.validationFraction = validationFraction;
        this.firstDocuments = new long[parts.size() + 1];
        long[] documents = new long[2];
        long[] tokens = new long[2];
        for (int i = 0; i < parts.size(); i++) {
            PartTokens part = parts.get(i);
            firstDocuments[i + 1] = firstDocuments[i] + part.documents();
            for (int document = 0; document < part.documents(); document++) {
                int side = part.inValidation(document, validationFraction) ? 1 : 0;
                documents[side]++;
                tokens[side] += part.tokens(document);
            }
        }
        train = new Split(documents[0], tokens[0]);
        validation = new Split(documents[1], tokens[1]);
    }

    Split train() {
        return train;
    }

    Split validation() {
        return validation;
    }

    /** Documents of both splits. */
    long documents() {
        return firstDocuments[parts.size()];
    }

    boolean inValidation(long document) {
        int part = partOf(document);
        return parts.get(part).inValidation((int) (document - firstDocuments[part]), validationFraction);
    }

    EncodedDocument document(long document) {
        int part = partOf(document);
        return parts.get(part).document((int) (document - firstDocuments[part]));
    }

    /** The last of those that begin at or before it: parts without documents begin where the next one does. */
    private int partOf(long document) {
        if (document < 0 || document >= documents()) {
            throw new IndexOutOfBoundsException("document " + document + " of " + documents());
        }
        int found = Arrays.binarySearch(firstDocuments, document);
        int part = found < 0 ? -found - 2 : found;
        while (firstDocuments[part + 1] == firstDocuments[part]) {
            part++;
        }
        return part;
    }
}
