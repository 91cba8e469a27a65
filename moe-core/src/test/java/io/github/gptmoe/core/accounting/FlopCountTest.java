package io.github.gptmoe.core.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.model.ModelConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The definition that throughput is compared by: 6 operations a matrix weight met, and causal attention. */
class FlopCountTest {

    private static ModelConfig benchSmall(List<Integer> experts, boolean residual) {
        return new ModelConfig(8, 512, 8, 512, 8192, experts, 2, residual, null, null, null, null, null, null, null);
    }

    @Test
    void denseAndPlainMoeMeetTheSameMatrices() {
        // 8 blocks of 12 * 512^2 weights, the head 8192 * 512, attention 8 blocks * 512 tokens * 512
        long expected = 6L * (8 * 12 * 262_144 + 4_194_304) + 6L * 8 * 512 * 512;
        assertThat(expected).isEqualTo(188_743_680L);

        assertThat(FlopCount.of(benchSmall(List.of(0), false)).perToken()).isEqualTo(expected);
        assertThat(FlopCount.of(benchSmall(List.of(16), false)).perToken()).isEqualTo(expected);
    }

    @Test
    void residualPathAddsOneFfnToEachMoeBlock() {
        long added = 6L * 4 * 8 * 262_144;
        assertThat(FlopCount.of(benchSmall(List.of(16), true)).perToken()).isEqualTo(188_743_680L + added);
    }

    @Test
    void blocksAndHeadAddUp() {
        ModelConfig model = benchSmall(List.of(16), true);
        long sum = 0;
        for (int block = 0; block < 8; block++) {
            sum += FlopCount.ofBlock(model, block);
        }
        FlopCount count = FlopCount.of(model);
        assertThat(count.blocks()).isEqualTo(sum);
        assertThat(count.head()).isEqualTo(6L * 8192 * 512);
        assertThat(count.perToken()).isEqualTo(sum + 6L * 8192 * 512);
    }
}
