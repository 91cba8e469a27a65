package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.train.collective.ShardPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters of one stage that compute in one precision, with their places in a flat array: what is reduced, gathered and
 * updated together.
 *
 * @param stage name of the stage
 * @param experts whether these are experts that only some ranks have
 * @param fp32 whether they stay FP32 whatever the model computes in
 * @param parameters in the order of the stage
 * @param plan their places, divided over the ranks that share the optimizer's work
 */
public record Bucket(String stage, boolean experts, boolean fp32, List<ModelParameter> parameters, ShardPlan plan) {
    /**
     * Copies the list.
     *
     * @param stage as above
     * @param experts as above
     * @param fp32 as above
     * @param parameters as above
     * @param plan as above
     */
    public Bucket {
        parameters = List.copyOf(parameters);
    }

    static Bucket of(String stage, boolean experts, boolean fp32, List<ModelParameter> parameters, int parts) {
        List<Long> sizes =
                parameters.stream().map(parameter -> parameter.shape().size()).toList();
        return new Bucket(stage, experts, fp32, parameters, ShardPlan.of(sizes, parts));
    }

    /**
     * The precision of arrays that hold a number for each weight.
     *
     * @param low precision of those that need not be FP32
     * @return {@code low} or FP32
     */
    public Precision precision(Precision low) {
        return fp32 ? Precision.FP32 : low;
    }

    /** Size of the flat array. */
    Shape flatShape() {
        return new Shape(plan.fullSize());
    }

    /** The parameters in a flat array, in their shapes and order; views that belong to {@code owner}. */
    List<NDArray> views(NDManager owner, NDArray flat) {
        List<NDArray> views = new ArrayList<>(parameters.size());
        for (int i = 0; i < parameters.size(); i++) {
            views.add(FlatArrays.view(
                    owner, flat, plan.offsets().get(i), parameters.get(i).shape()));
        }
        return views;
    }

    /** What one part owns, in a flat array: a view that belongs to {@code owner}. */
    NDArray part(NDManager owner, NDArray flat, int part) {
        return FlatArrays.view(owner, flat, part * plan.shardSize(), new Shape(plan.shardSize()));
    }

    /** A piece in its part: in the parameter's shape if it is all of it, else flat. */
    NDArray piece(NDManager owner, NDArray part, ShardPlan.Piece piece) {
        Shape whole = parameters.get(piece.parameter()).shape();
        Shape shape = piece.length() == whole.size() ? whole : new Shape(piece.length());
        return FlatArrays.view(owner, part, piece.fromShard(), shape);
    }
}
