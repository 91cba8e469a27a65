package io.github.gptmoe.core.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecodeTrafficTest {
    private static final int D = 16;

    /** The sum over all arrays of a model, less the experts that have no token; of the tables, what is read of them. */
    @ParameterizedTest
    @CsvSource({"FP32, true", "FP32, false", "BF16, true", "BF16, false", "FP16, true"})
    void weightsAreThoseOfTheParametersThatAreRead(Precision precision, boolean residual) {
        ModelConfig config =
                new ModelConfig(4, D, 2, 24, 50, List.of(3, 5), 2, residual, null, null, null, null, null, null, null);
        int sequences = 3;
        long expected = 0;
        for (ModelParameter parameter : new GptModel(config).parameters()) {
            long bytes = parameter.computeInFp32() ? 4 : precision.bytes();
            String name = parameter.name();
            if (name.equals("position_embedding.weight")) {
                expected += bytes * sequences * D;
            } else if (name.equals("token_embedding.weight")) {
                expected += bytes * (parameter.shape().size() + sequences * D);
            } else if (!name.matches("blocks\\.1\\.moe\\.experts\\.2\\..*|blocks\\.3\\.moe\\.experts\\.[1-4]\\..*")) {
                expected += bytes * parameter.shape().size();
            }
        }
        DecodeTraffic traffic = DecodeTraffic.of(config, precision, sequences, 70, List.of(0, 2, 0, 1));
        assertThat(traffic.weights()).isEqualTo(expected);
        assertThat(traffic.cache()).isEqualTo(4L * 70 * 2 * D * precision.bytes());
        assertThat(traffic.total()).isEqualTo(traffic.weights() + traffic.cache());
    }
}
