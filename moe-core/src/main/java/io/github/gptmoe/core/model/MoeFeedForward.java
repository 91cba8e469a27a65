package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.ExpertWeights;
import io.github.gptmoe.core.kernel.LayerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.router.Capacity;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.RouterWeight;
import io.github.gptmoe.router.Routing;
import io.github.gptmoe.router.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Mixture of experts: norm, route, drop what exceeds the capacity, run each expert on its tokens, combine. With a residual
 * path, {@code y = c0 * expert + c1 * dense}.
 *
 * <p>Routing is FP32 whatever the activations are. Padding and dropped tokens visit no expert and keep the residual stream
 * (with a residual path also the dense branch).
 */
final class MoeFeedForward implements FeedForward {
    private final List<ModelParameter> norm;
    private final List<ModelParameter> routerWeights;
    private final List<FfnParameters> experts;
    private final @Nullable FfnParameters residual;
    private final List<ModelParameter> residualGate;
    private final Router router;
    private final double capacityFactor;
    private final long block;

    MoeFeedForward(int index, ModelConfig config) {
        String prefix = "blocks." + index;
        int hidden = config.hidden();
        block = index;
        capacityFactor = config.capacityFactor();
        router = config.router().build(hidden, config.expertsOf(index));
        norm = List.of(
                ModelParameter.scale(prefix + ".ffn_norm.weight", hidden),
                ModelParameter.bias(prefix + ".ffn_norm.bias", hidden));
        routerWeights = router.weights().stream()
                .map(weight -> parameter(prefix + ".moe.router.", weight))
                .toList();
        experts = IntStream.range(0, config.expertsOf(index))
                .mapToObj(e -> FfnParameters.of(prefix + ".moe.experts." + e, config))
                .toList();
        residual = config.residual() ? FfnParameters.of(prefix + ".moe.residual", config) : null;
        residualGate = config.residual()
                ? List.of(
                        ModelParameter.weight(prefix + ".moe.residual_gate.weight", config.initStd(), 2, hidden),
                        ModelParameter.bias(prefix + ".moe.residual_gate.bias", 2))
                : List.of();
    }

    private static ModelParameter parameter(String prefix, RouterWeight weight) {
        return ModelParameter.of(
                prefix + weight.name(),
                Start.normal(weight.initStd()),
                true,
                true,
                weight.shape().getShape());
    }

    @Override
    public List<ModelParameter> parameters() {
        return Stream.of(
                        norm.stream(),
                        routerWeights.stream(),
                        experts.stream().flatMap(expert -> expert.all().stream()),
                        residual == null ? Stream.<ModelParameter>empty() : residual.all().stream(),
                        residualGate.stream())
                .flatMap(Function.identity())
                .toList();
    }

    @Override
    public Optional<Router> router() {
        return Optional.of(router);
    }

    @Override
    public StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context) {
        NDManager scope = context.scope();
        NDArray hBLD = LayerKernels.layerNorm(scope, xBLD, Stage.arrays(weights, scope, norm));
        NDArray hTD = hBLD.reshape(new Shape(-1, xBLD.getShape().get(2)));
        Routing routing = route(weights, hTD, context);
        NDArray keptIdsT = limit(routing, scope);
        NDArray expertTD = LayerKernels.experts(
                scope,
                hTD,
                keptIdsT == null ? routing.expertIdsT() : keptIdsT,
                routing.gateT(),
                expertWeights(weights, scope));
        return new StageOutput(combine(weights, scope, xBLD, hTD, expertTD), routing, keptIdsT);
    }

    private Routing route(ParameterStore weights, NDArray hTD, StageContext context) {
        NDArray fp32TD = Precision.FP32.cast(context.scope(), hTD);
        long seed = context.noiseSeed() * 0x9E3779B97F4A7C15L + block;
        return router.route(
                fp32TD,
                Stage.arrays(weights, context.scope(), routerWeights),
                new RoutingContext(context.training(), context.step(), seed, context.validT()));
    }

    private @Nullable NDArray limit(Routing routing, NDManager scope) {
        if (capacityFactor == 0) {
            return null;
        }
        // Host round trip: the kept tokens are the earliest of each expert, a sequential rule.
        long[] idsT = routing.expertIdsT().toLongArray();
        return scope.create(Capacity.limit(idsT, router.numExperts(), capacityFactor, 1));
    }

    private NDArray combine(ParameterStore weights, NDManager scope, NDArray xBLD, NDArray hTD, NDArray expertTD) {
        if (residual == null) {
            return LayerKernels.addReshaped(scope, xBLD, expertTD);
        }
        NDArray denseTD = LayerKernels.ffn(scope, hTD, Stage.arrays(weights, scope, residual.all()));
        return LayerKernels.residualMix(
                scope, xBLD, hTD, expertTD, denseTD, Stage.arrays(weights, scope, residualGate));
    }

    private ExpertWeights expertWeights(ParameterStore weights, NDManager scope) {
        return new ExpertWeights(
                pick(weights, scope, FfnParameters::upWeight),
                pick(weights, scope, FfnParameters::upBias),
                pick(weights, scope, FfnParameters::downWeight),
                pick(weights, scope, FfnParameters::downBias));
    }

    private NDList pick(ParameterStore weights, NDManager scope, Function<FfnParameters, ModelParameter> part) {
        List<ModelParameter> parts = new ArrayList<>(experts.size());
        experts.forEach(expert -> parts.add(part.apply(expert)));
        return Stage.arrays(weights, scope, parts);
    }
}
