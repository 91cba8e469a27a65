package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How a model's parameters are divided over ranks; arithmetic only. ZeRO (Rajbhandari et al., 2020,
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
     * @return the layout, the same on every rank
     */
    public static Layout of(GptModel model, int zeroStage, int worldSize) {
        return of(model, zeroStage, worldSize, ExpertRange.ALL);
    }

    /**
     * Lays out what a rank has of a model whose experts are divided.
     *
     * @param model its arrays are not looked at
     * @param zeroStage 0, 1 or 2
     * @param worldSize number of ranks
     * @param experts which experts the rank has
     * @return the layout, the same on every rank with these experts
     */
    public static Layout of(GptModel model, int zeroStage, int worldSize, ExpertRange experts) {
        List<Bucket> buckets = new ArrayList<>();
        for (Stage stage : stages(model)) {
            Map<Kind, List<ModelParameter>> kinds = new TreeMap<>();
            for (ModelParameter parameter : stage.modelParameters()) {
                ModelParameter.Expert expert = parameter.expert();
                if (expert == null || experts.contains(expert)) {
                    boolean divided = expert != null && experts.ranks() > 1;
                    kinds.computeIfAbsent(new Kind(divided, parameter.computeInFp32()), kind -> new ArrayList<>())
                            .add(parameter);
                }
            }
            kinds.forEach((kind, parameters) -> {
                int sharers = kind.experts ? worldSize / experts.ranks() : worldSize;
                buckets.add(Bucket.of(stage.name(), kind.experts, kind.fp32, parameters, zeroStage == 0 ? 1 : sharers));
            });
        }
        return new Layout(zeroStage, buckets);
    }

    /** What tells the buckets of one stage apart. */
    private record Kind(boolean experts, boolean fp32) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            return Comparator.comparing(Kind::experts).thenComparing(Kind::fp32).compare(this, other);
        }
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

    /**
     * Which part of a bucket belongs to a rank.
     *
     * @param rank its number in the group that shares the bucket
     * @return number of the part
     */
    public int part(int rank) {
        return zeroStage == 0 ? 0 : rank;
    }
}
