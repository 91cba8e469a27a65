package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a model's parameters are divided over ranks; arithmetic only, the same on every rank. ZeRO (Rajbhandari et al., 2020,
 * "ZeRO: memory optimizations toward training trillion parameter models") by stages: 0 divides nothing, 1 the optimizer's
 * state and the masters, 2 the gradients too.
 *
 * @param zeroStage 0, 1 or 2
 * @param buckets in the order of the model's stages
 */
public record Layout(int zeroStage, List<Bucket> buckets) {
    /**
     * Copies the list.
     *
     * @param zeroStage as above
     * @param buckets as above
     */
    public Layout {
        buckets = List.copyOf(buckets);
    }

    /**
     * Lays a model out.
     *
     * @param model its arrays are not looked at
     * @param zeroStage 0, 1 or 2
     * @param worldSize number of ranks
     * @return the layout
     */
    public static Layout of(GptModel model, int zeroStage, int worldSize) {
        int parts = zeroStage == 0 ? 1 : worldSize;
        List<Bucket> buckets = new ArrayList<>();
        for (Stage stage : stages(model)) {
            for (boolean fp32 : new boolean[] {false, true}) {
                List<ModelParameter> parameters = stage.modelParameters().stream()
                        .filter(parameter -> parameter.computeInFp32() == fp32)
                        .toList();
                if (!parameters.isEmpty()) {
                    buckets.add(Bucket.of(stage.name(), false, fp32, parameters, parts));
                }
            }
        }
        return new Layout(zeroStage, buckets);
    }

    private static List<Stage> stages(GptModel model) {
        return Stream.of(Stream.of(model.embedding()), model.blocks().stream(), Stream.of(model.head()))
                .<Stage>flatMap(stages -> stages)
                .toList();
    }

    /** The buckets of a stage. */
    List<Bucket> of(Stage stage) {
        return buckets.stream()
                .filter(bucket -> bucket.stage().equals(stage.name()))
                .toList();
    }

    /** Which part of a bucket belongs to a rank of the group that shares it. */
    int part(int rank) {
        return zeroStage == 0 ? 0 : rank;
    }
}
