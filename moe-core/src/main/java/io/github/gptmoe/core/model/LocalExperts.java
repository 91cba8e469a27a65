package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.ExpertKernels;
import io.github.gptmoe.core.kernel.ExpertWeights;
import java.util.List;
import java.util.function.Function;

/**
 * Experts that are all on this rank.
 *
 * @param experts their parameters
 * @param weights the arrays they ran with
 * @param recorded their forward run
 */
record LocalExperts(List<FfnParameters> experts, ExpertWeights weights, ExpertKernels.Recorded recorded)
        implements ExpertRun {

    /** Runs tokens (T, D) through their experts; an id of E visits none. */
    static LocalExperts run(
            NDManager scope,
            List<FfnParameters> experts,
            ParameterStore store,
            NDArray hTD,
            NDArray expertIdsT,
            NDArray gateT) {
        ExpertWeights weights = collect(experts, parts -> Stage.arrays(store, scope, parts));
        return new LocalExperts(experts, weights, ExpertKernels.run(scope, hTD, expertIdsT, gateT, weights));
    }

    @Override
    public NDArray yTD() {
        return recorded.yTD();
    }

    @Override
    public MoeBranches.InputGrads backward(NDArray gradTD, BackwardContext context) {
        ExpertWeights into =
                collect(experts, parts -> context.gradients().of(parts).arrays());
        boolean add = context.gradients().of(experts.get(0).all()).add();
        ExpertKernels.InputGrads grads = ExpertKernels.backward(context.scope(), recorded, gradTD, weights, into, add);
        return new MoeBranches.InputGrads(grads.hTD(), grads.gateT());
    }

    /** Looks up one list for each of the four parts of the experts. */
    static ExpertWeights collect(List<FfnParameters> experts, Function<List<ModelParameter>, NDList> lookup) {
        return new ExpertWeights(
                lookup.apply(experts.stream().map(FfnParameters::upWeight).toList()),
                lookup.apply(experts.stream().map(FfnParameters::upBias).toList()),
                lookup.apply(experts.stream().map(FfnParameters::downWeight).toList()),
                lookup.apply(experts.stream().map(FfnParameters::downBias).toList()));
    }
}
