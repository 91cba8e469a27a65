package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

/** A language of a few tokens whose distribution depends on the token before; counts how often it was asked to go on. */
final class TableBatch implements TextBatch {
    private final Map<Integer, double[]> probabilitiesAfter;
    private int[] last;
    private int advances;

    TableBatch(int start, Map<Integer, double[]> probabilitiesAfter) {
        this.probabilitiesAfter = probabilitiesAfter;
        last = new int[] {start};
    }

    int advances() {
        return advances;
    }

    @Override
    public int size() {
        return last.length;
    }

    @Override
    public float[] logits(int text) {
        double[] row = probabilitiesAfter.get(last[text]);
        float[] logits = new float[row.length];
        for (int id = 0; id < row.length; id++) {
            logits[id] = (float) Math.log(row[id]);
        }
        return logits;
    }

    @Override
    public void advance(int[] sources, int[] ids) {
        assertThat(ids).hasSameSizeAs(sources);
        for (int source : sources) {
            assertThat(List.of(source)).allMatch(text -> text >= 0 && text < last.length);
        }
        last = ids.clone();
        advances++;
    }

    @Override
    public void close() {}
}
