package io.github.gptmoe.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.BatchSource;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.data.TokenStream;
import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.Routing;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.report.ValidationLine;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * Loss on the first sequences of the validation stream, always the same ones, and the experts' load over them. The batches are
 * dealt out to the ranks; each gets the result.
 */
final class Validation {
    /** Loss line and token counts by block index. */
    record Result(ValidationLine line, Map<Integer, LoadReport.Counter> loads) {}

    private final TrainingSetup setup;
    private final ProcessGroup ranks;
    private final BatchSource source;
    private final TrainConfig config;
    private final double tokensPerByte;

    Validation(TrainingSetup setup, TokenStream tokens, int sequenceLength, TrainConfig config) {
        this.setup = setup;
        this.ranks = setup.groups().world();
        this.source = new BatchSource(tokens, sequenceLength, 0);
        this.config = config;
        this.tokensPerByte = (double) tokens.tokens() / tokens.textBytes();
    }

    /** How many sequences each validation has at most: what a counting model is scored on, to be comparable. */
    static int sequences(TrainConfig config) {
        return (int) Math.min(Integer.MAX_VALUE, (long) config.microBatch() * config.validationBatches());
    }

    Result run(long step) {
        setup.state().finish(); // below ranks do different things, but weights must arrive in the same order on all
        Map<Integer, LoadReport.Counter> loads = noLoads();
        double sum = 0;
        long tokens = 0;
        Iterator<TokenBatch> batches = source.validationBatches(config.microBatch(), config.validationBatches())
                .iterator();
        while (batches.hasNext()) {
            List<TokenBatch> round = nextRound(batches);
            if (ranks.rank() < round.size()) {
                TokenBatch own = round.get(ranks.rank());
                sum += summedLoss(own, loads);
                tokens += own.targets().length;
            } else if (setup.groups().exchange() != null) {
                summedLoss(round.get(0), noLoads()); // for nothing, but others need this rank's experts
            }
        }
        double[] sums = ranks.allReduce(
                DoubleStream.concat(DoubleStream.of(sum, (double) tokens), LoadNumbers.of(loads.values()))
                        .toArray());
        Iterator<LoadReport.Counter> summed =
                LoadNumbers.read(sums, 2, loads.values()).iterator();
        loads.replaceAll((layer, ofThisRank) -> summed.next());
        double loss = sums[0] / sums[1];
        double bitsPerByte = loss / Math.log(2) * tokensPerByte;
        return new Result(new ValidationLine(step, loss, Math.exp(loss), bitsPerByte), loads);
    }

    private List<TokenBatch> nextRound(Iterator<TokenBatch> batches) {
        List<TokenBatch> round = new ArrayList<>();
        while (round.size() < ranks.worldSize() && batches.hasNext()) {
            round.add(batches.next());
        }
        return round;
    }

    private Map<Integer, LoadReport.Counter> noLoads() {
        Map<Integer, LoadReport.Counter> loads = new TreeMap<>();
        List<DecoderStage> blocks = setup.model().blocks();
        for (int block = 0; block < blocks.size(); block++) {
            Optional<Router> router = blocks.get(block).router();
            if (router.isPresent()) {
                loads.put(block, LoadReport.Counter.empty(router.get().numExperts()));
            }
        }
        return loads;
    }

    private double summedLoss(TokenBatch batch, Map<Integer, LoadReport.Counter> loads) {
        GptModel model = setup.model();
        Shape shape = new Shape(batch.sequences(), batch.length());
        try (NDManager scope = setup.manager().newSubManager()) {
            StageContext context = StageContext.evaluation(
                            scope, setup.weights().precision())
                    .withAttention(setup.attention())
                    .withExchange(setup.groups().exchange());
            NDArray xBLD =
                    model.hidden(setup.weights(), scope.create(batch.inputs(), shape), context, (block, output) -> {
                        Routing routing = output.routing();
                        if (routing != null) {
                            Router router = block.router().orElseThrow();
                            loads.merge(
                                    model.blocks().indexOf(block),
                                    LoadReport.Counter.of(router, routing),
                                    LoadReport.Counter::plus);
                        }
                    });
            NDArray lossesT = model.head()
                    .tokenLosses(
                            setup.weights(), xBLD, scope.create(batch.targets(), shape), context, config.headChunk());
            double sum = 0;
            for (float loss : lossesT.toFloatArray()) {
                sum += loss; // in double, on the host: the mean must not depend on a device's order of summation
            }
            return sum;
        }
    }
}
