package io.github.gptmoe.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the training stream of a mixture. The next document always comes from the source that is furthest behind: with the least
 * quotient of tokens taken and {@linkplain MixPlan tokens to take}, the first one of equals. So the sources are mixed evenly from
 * the beginning of the stream to its end.
 */
final class Mixture {
    private final List<Taking> takings = new ArrayList<>();

    private static final class Taking {
        private final SourceTokens source;
        private final SourceOrder order;
        private final long target;
        private long documents;
        private long tokens;

        Taking(SourceTokens source, SourceOrder order, long target) {
            this.source = source;
            this.order = order;
            this.target = target;
        }

        double done() {
            return (double) tokens / target;
        }
    }

    /** Sources, their names and their targets, in the same order. */
    Mixture(List<String> names, List<SourceTokens> sources, MixPlan plan, long seed) {
        for (int i = 0; i < sources.size(); i++) {
            SourceOrder order = new SourceOrder(names.get(i), sources.get(i), seed);
            takings.add(new Taking(sources.get(i), order, plan.targets().get(i)));
        }
    }

    /** Appends the next document; false when every source has given what it should. */
    boolean appendNext(SplitWriter train, int endOfDocument) throws IOException {
        Taking least = null;
        double leastDone = 1; // What has been taken whole takes part no more.
        for (Taking taking : takings) {
            double done = taking.done();
            if (done < leastDone) {
                least = taking;
                leastDone = done;
            }
        }
        if (least == null) {
            return false;
        }
        EncodedDocument document = least.source.document(least.order.next());
        train.append(document, endOfDocument);
        least.documents++;
        least.tokens += document.ids().length + 1L;
        return true;
    }

    /** Documents and tokens that a source has given, repetitions counted. */
    SourceTokens.Split taken(int source) {
        Taking taking = takings.get(source);
        return new SourceTokens.Split(taking.documents, taking.tokens);
    }
}
