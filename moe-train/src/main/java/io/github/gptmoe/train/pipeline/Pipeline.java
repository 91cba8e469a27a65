package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.HeadKernels.LossAndGrad;
import io.github.gptmoe.core.model.BackwardContext;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.HeadStage;
import io.github.gptmoe.core.model.Recorded;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.core.model.StageOutput;
import io.github.gptmoe.core.model.WeightStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Forward and backward through the stages, in an order that this class decides rather than a graph over the whole model:
 *
 * <pre>
 * forward:  x = embed(ids);  for each block: x = recomputed(block) ? block.run(x) : block.record(x)
 * head:     loss and dx in one pass
 * backward: for each block in reverse: dx = recorded.backward(dx), recording a recomputed block now
 *           embedding gradients by index
 * </pre>
 */
public final class Pipeline {
    private final GptModel model;
    private final WeightStore weights;
    private final Consumer<Stage> entering;
    private final Gradients gradients;
    private final Predicate<DecoderStage> recomputed;
    private final int headChunk;

    /**
     * Creates a pipeline; it keeps references only.
     *
     * @param model the stages
     * @param weights the arrays they compute with
     * @param entering told of each stage before its forward
     * @param gradients where gradients go; told when those of a stage are complete
     * @param recomputed blocks whose activations are computed again in backward instead of kept
     * @param headChunk tokens whose logits exist at a time
     */
    public Pipeline(
            GptModel model,
            WeightStore weights,
            Consumer<Stage> entering,
            Gradients gradients,
            Predicate<DecoderStage> recomputed,
            int headChunk) {
        this.model = model;
        this.weights = weights;
        this.entering = entering;
        this.gradients = gradients;
        this.recomputed = recomputed;
        this.headChunk = headChunk;
    }

    /**
     * Runs a micro-batch and adds its gradients to the accumulators.
     *
     * @param batch the micro-batch
     * @param context scope, precision, noise; training is expected
     * @param auxiliaryWeight factor on the routers' losses: 1 / micro-batches of the step
     * @return losses and loads
     */
    public MicroBatchResult forwardBackward(MicroBatch batch, StageContext context, double auxiliaryWeight) {
        return forwardBackward(batch, context, auxiliaryWeight, 1);
    }

    /**
     * Runs a micro-batch and adds its gradients, multiplied by a loss scale, to the accumulators.
     *
     * @param batch the micro-batch
     * @param context scope, precision, noise; training is expected
     * @param auxiliaryWeight factor on the routers' losses: 1 / micro-batches of the step
     * @param lossScale factor on every gradient, but not on the losses of the result
     * @return losses and loads
     */
    public MicroBatchResult forwardBackward(
            MicroBatch batch, StageContext context, double auxiliaryWeight, double lossScale) {
        gradients.beginMicroBatch();
        entering.accept(model.embedding());
        NDArray xBLD = model.embedding().run(weights, batch.inputsBL(), context).hiddenBLD();
        List<StageRecord> records = new ArrayList<>();
        RouterTally tally = new RouterTally();
        for (DecoderStage block : model.blocks()) {
            entering.accept(block);
            xBLD = forward(block, xBLD, context, records, tally);
        }
        entering.accept(model.head());
        LossAndGrad head = model.head()
                .lossAndBackward(
                        weights,
                        xBLD,
                        new HeadStage.Targets(batch.targetsBL(), batch.weightsT()),
                        context,
                        headChunk,
                        lossScale,
                        gradients.of(model.head().allParameters()));
        gradients.complete(model.head());
        NDArray gradBLD = head.gradBLD();
        BackwardContext back = new BackwardContext(context.scope(), auxiliaryWeight * lossScale, gradients);
        for (int index = records.size() - 1; index >= 0; index--) {
            gradBLD = backward(records.get(index), gradBLD, context, back);
            gradients.complete(records.get(index).stage());
        }
        model.embedding()
                .backward(
                        batch.inputsBL(),
                        gradBLD,
                        gradients.of(model.embedding().modelParameters()));
        gradients.complete(model.embedding());
        return tally.result(head.loss().getFloat()); // host sync: the loss is read once a micro-batch
    }

    private NDArray forward(
            DecoderStage block, NDArray xBLD, StageContext context, List<StageRecord> records, RouterTally tally) {
        NDManager scope = context.scope().newSubManager();
        if (recomputed.test(block)) {
            StageOutput output = block.run(weights, xBLD, context.in(scope));
            tally.add(block, output);
            NDArray nextBLD = output.hiddenBLD();
            nextBLD.attach(context.scope());
            scope.close();
            records.add(new StageRecord(block, xBLD, null, context.scope().newSubManager()));
            return nextBLD;
        }
        Recorded recorded = block.record(weights, xBLD, context.in(scope));
        tally.add(block, recorded.output());
        records.add(new StageRecord(block, xBLD, recorded, scope));
        return recorded.output().hiddenBLD();
    }

    private NDArray backward(StageRecord record, NDArray gradBLD, StageContext context, BackwardContext back) {
        try (NDManager scope = record.scope()) {
            Recorded recorded = record.recorded();
            if (recorded == null) {
                recorded = record.stage().record(weights, record.inputBLD(), context.in(scope));
            }
            NDArray inputGradBLD = recorded.backward(gradBLD, back);
            gradBLD.close();
            return inputGradBLD;
        }
    }
}
