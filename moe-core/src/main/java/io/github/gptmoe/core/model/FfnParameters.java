package io.github.gptmoe.core.model;

import java.util.List;

/** Parameters of one feed-forward network of hidden width 4D: a dense layer's, an expert's, or the residual path's. */
record FfnParameters(
        ModelParameter upWeight, ModelParameter upBias, ModelParameter downWeight, ModelParameter downBias) {

    static FfnParameters of(String prefix, ModelConfig config) {
        long hidden = config.hidden();
        double outputStd = config.initStd() / Math.sqrt(2.0 * config.layers());
        return new FfnParameters(
                ModelParameter.weight(prefix + ".up.weight", config.initStd(), 4 * hidden, hidden),
                ModelParameter.bias(prefix + ".up.bias", 4 * hidden),
                ModelParameter.weight(prefix + ".down.weight", outputStd, hidden, 4 * hidden),
                ModelParameter.bias(prefix + ".down.bias", hidden));
    }

    FfnParameters ofExpert(ModelParameter.Expert expert) {
        return new FfnParameters(
                upWeight.ofExpert(expert),
                upBias.ofExpert(expert),
                downWeight.ofExpert(expert),
                downBias.ofExpert(expert));
    }

    List<ModelParameter> all() {
        return List.of(upWeight, upBias, downWeight, downBias);
    }
}
