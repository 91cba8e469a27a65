package io.github.gptmoe.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.StageContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts without a cache and without neighbours: every opinion is computed from all tokens of the one text. */
final class RecomputedTexts implements TextBatch {
    private final TrainedModel trained;
    private List<List<Integer>> texts;

    RecomputedTexts(TrainedModel trained, List<Integer> start) {
        this.trained = trained;
        texts = List.of(start);
    }

    List<Integer> text(int text) {
        return texts.get(text);
    }

    @Override
    public int size() {
        return texts.size();
    }

    @Override
    public float[] logits(int text) {
        long[] ids = texts.get(text).stream().mapToLong(Integer::longValue).toArray();
        try (NDManager scope = trained.manager().newSubManager()) {
            StageContext context = StageContext.evaluation(scope, trained.precision());
            NDArray idsBL = scope.create(ids, new Shape(1, ids.length));
            NDArray xBLD = trained.model().hidden(trained.weights(), idsBL, context, (block, output) -> {});
            float[] all = trained.model()
                    .head()
                    .run(trained.weights(), xBLD, context)
                    .hiddenBLD()
                    .toFloatArray();
            int width = all.length / ids.length;
            return Arrays.copyOfRange(
                    all,
                    all.length - width,
                    all.length - width + trained.tokenizer().vocabularySize());
        }
    }

    @Override
    public void advance(int[] sources, int[] ids) {
        List<List<Integer>> next = new ArrayList<>();
        for (int i = 0; i < sources.length; i++) {
            List<Integer> text = new ArrayList<>(texts.get(sources[i]));
            text.add(ids[i]);
            next.add(text);
        }
        texts = next;
    }

    @Override
    public void close() {}
}
