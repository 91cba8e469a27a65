package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.DecodeKernels;
import io.github.gptmoe.core.kernel.ExpertWeights;
import io.github.gptmoe.core.kernel.FeedForwardKernels;
import io.github.gptmoe.core.kernel.NormKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.ResidualMixKernels;
import io.github.gptmoe.router.Capacity;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.RouterWeight;
import io.github.gptmoe.router.Routing;
import io.github.gptmoe.router.RoutingContext;
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
        this(index, config, config.router().build(config.hidden(), config.expertsOf(index)));
    }

    MoeFeedForward(int index, ModelConfig config, Router router) {
        this.router = router;
        String prefix = "blocks." + index;
        int hidden = config.hidden();
        block = index;
        capacityFactor = config.capacityFactor();
        norm = List.of(
                ModelParameter.normScale(prefix + ".ffn_norm.weight", hidden),
                ModelParameter.normShift(prefix + ".ffn_norm.bias", hidden));
        routerWeights = router.weights().stream()
                .map(weight -> parameter(prefix + ".moe.router.", weight))
                .toList();
        experts = IntStream.range(0, config.expertsOf(index))
                .mapToObj(e -> FfnParameters.of(prefix + ".moe.experts." + e, config)
                        .ofExpert(new ModelParameter.Expert(e, config.expertsOf(index))))
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
        NDArray hTD = flat(NormKernels.layerNorm(scope, xBLD, Stage.arrays(weights, scope, norm))
                .y());
        NDArray fp32TD = Precision.FP32.cast(scope, hTD);
        Routing routing = router.route(fp32TD, Stage.arrays(weights, scope, routerWeights), routingContext(context));
        return branches(weights, context, xBLD, hTD, routing).output();
    }

    @Override
    public BlockStep step(ParameterStore weights, NDArray xBD, StageContext context) {
        NDManager scope = context.scope();
        DecodeKernels.Routed routed = decide(weights, xBD, context);
        FewTokens few = new FewTokens(routed.expertIdsB().toLongArray(), experts.size());
        DecodeKernels.DensePath dense = residual == null
                ? null
                : new DecodeKernels.DensePath(
                        Stage.arrays(weights, scope, residual.all()), Stage.arrays(weights, scope, residualGate));
        ExpertWeights used = LocalExperts.collect(
                few.experts().stream().map(experts::get).toList(), parts -> Stage.arrays(weights, scope, parts));
        DecodeKernels.Dispatch dispatch =
                new DecodeKernels.Dispatch(scope.create(few.order()), scope.create(few.counts()), used);
        NDArray yBD = DecodeKernels.experts(scope, xBD, routed, dispatch, dense);
        return new BlockStep(yBD, few.experts().size());
    }

    /** Linear top-1 routers are one kernel; what else a router may do goes through its own method. */
    private DecodeKernels.Routed decide(ParameterStore weights, NDArray xBD, StageContext context) {
        NDManager scope = context.scope();
        NDList normArrays = Stage.arrays(weights, scope, norm);
        NDList routerArrays = Stage.arrays(weights, scope, routerWeights);
        if (router.isLinearTop1()) {
            return DecodeKernels.route(scope, xBD, normArrays, routerArrays.singletonOrThrow());
        }
        NDArray hBD = NormKernels.layerNorm(scope, xBD, normArrays).y();
        Routing routing = router.route(Precision.FP32.cast(scope, hBD), routerArrays, routingContext(context));
        return new DecodeKernels.Routed(hBD, routing.expertIdsT(), routing.gateT());
    }

    @Override
    public Recorded record(ParameterStore weights, NDArray xBLD, StageContext context) {
        NDManager scope = context.scope();
        NDList normArrays = Stage.arrays(weights, scope, norm);
        NormKernels.Recorded normed = NormKernels.layerNorm(scope, xBLD, normArrays);
        NDArray hTD = flat(normed.y());
        RoutedTokens routed = RoutedTokens.of(
                scope, router, hTD, Stage.arrays(weights, scope, routerWeights), routingContext(context));
        MoeBranches branches = branches(weights, context, xBLD, hTD, routed.routing());
        return new Recorded() {
            @Override
            public StageOutput output() {
                return branches.output();
            }

            @Override
            public NDArray backward(NDArray gradBLD, BackwardContext back) {
                BackwardContext inner = back.in(scope);
                MoeBranches.InputGrads grads = branches.backward(gradBLD, inner);
                NDArray routerTD = routed.backward(
                        scope,
                        grads.gateT(),
                        back.auxiliaryWeight(),
                        back.gradients().of(routerWeights));
                Precision.add(grads.hTD(), routerTD);
                return NormKernels.backward(
                        back.scope(),
                        normed,
                        grads.hTD(),
                        gradBLD,
                        normArrays,
                        back.gradients().of(norm));
            }
        };
    }

    private static NDArray flat(NDArray xBLD) {
        return xBLD.reshape(new Shape(-1, xBLD.getShape().get(2)));
    }

    private RoutingContext routingContext(StageContext context) {
        long seed = context.noiseSeed() * 0x9E3779B97F4A7C15L + block;
        return new RoutingContext(context.training(), context.step(), seed, context.validT());
    }

    private MoeBranches branches(
            ParameterStore weights, StageContext context, NDArray xBLD, NDArray hTD, Routing routing) {
        NDManager scope = context.scope();
        NDArray keptIdsT = limit(routing, scope);
        ExpertRun expert =
                runExperts(weights, context, hTD, keptIdsT == null ? routing.expertIdsT() : keptIdsT, routing.gateT());
        if (residual == null) {
            NDArray yBLD = FeedForwardKernels.addResidual(scope, xBLD, expert.yTD());
            return new ExpertBranch(expert, new StageOutput(yBLD, routing, keptIdsT));
        }
        NDList denseArrays = Stage.arrays(weights, scope, residual.all());
        NDList gateArrays = Stage.arrays(weights, scope, residualGate);
        FeedForwardKernels.Recorded dense = FeedForwardKernels.run(scope, hTD, denseArrays);
        ResidualMixKernels.Recorded mix = ResidualMixKernels.run(scope, xBLD, hTD, expert.yTD(), dense.y(), gateArrays);
        StageOutput output = new StageOutput(mix.yBLD(), routing, keptIdsT);
        return new ResidualBranches(expert, output, residual, denseArrays, dense, residualGate, gateArrays, mix);
    }

    private @Nullable NDArray limit(Routing routing, NDManager scope) {
        if (capacityFactor == 0) {
            return null;
        }
        // Host round trip: the kept tokens are the earliest of each expert, a sequential rule.
        long[] idsT = routing.expertIdsT().toLongArray();
        return scope.create(Capacity.limit(idsT, router.numExperts(), capacityFactor, 1));
    }

    private ExpertRun runExperts(
            ParameterStore weights, StageContext context, NDArray hTD, NDArray expertIdsT, NDArray gateT) {
        ExpertExchange exchange = context.exchange();
        return exchange == null
                ? LocalExperts.run(context.scope(), experts, weights, hTD, expertIdsT, gateT)
                : ExchangedExperts.run(context.scope(), exchange, experts, weights, hTD, expertIdsT, gateT);
    }
}
