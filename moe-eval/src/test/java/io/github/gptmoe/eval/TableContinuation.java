package io.github.gptmoe.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A language of a few tokens whose distribution depends on the token before; counts what is open. */
final class TableContinuation implements Continuation {
    private final Map<Integer, double[]> probabilitiesAfter;
    private final List<Integer> ids;
    private final int[] open;
    private boolean closed;

    private TableContinuation(Map<Integer, double[]> probabilitiesAfter, List<Integer> ids, int[] open) {
        this.probabilitiesAfter = probabilitiesAfter;
        this.ids = new ArrayList<>(ids);
        this.open = open;
        open[0]++;
    }

    static TableContinuation startingAt(int id, Map<Integer, double[]> probabilitiesAfter) {
        return new TableContinuation(probabilitiesAfter, List.of(id), new int[1]);
    }

    int open() {
        return open[0];
    }

    @Override
    public float[] logits() {
        requireOpen();
        double[] row = probabilitiesAfter.get(ids.get(ids.size() - 1));
        float[] logits = new float[row.length];
        for (int id = 0; id < row.length; id++) {
            logits[id] = (float) Math.log(row[id]);
        }
        return logits;
    }

    @Override
    public void append(int id) {
        requireOpen();
        ids.add(id);
    }

    @Override
    public Continuation fork() {
        requireOpen();
        return new TableContinuation(probabilitiesAfter, ids, open);
    }

    @Override
    public void close() {
        requireOpen();
        closed = true;
        open[0]--;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("used after close");
        }
    }
}
