package io.github.gptmoe.core.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.core.model.ModelConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Published sizes, recomputed here number by number; nothing is shared with the class under test. */
class ParameterCountTest {

    private static final List<Integer> PYRAMID = List.of(32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 64, 64);

    static ModelConfig model(
            int layers, int hidden, int heads, int vocabulary, List<Integer> experts, boolean residual) {
        return new ModelConfig(
                layers,
                hidden,
                heads,
                2048,
                vocabulary,
                experts,
                null,
                residual,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void denseBaseOf1_3Billion() {
        // attention 4*2048^2 + 4*2048, two norms 4*2048, FFN 8*2048^2 + 5*2048
        long attention = 16_777_216 + 8_192;
        long norms = 8_192;
        long ffn = 33_554_432 + 10_240;
        long expected = 24 * (attention + norms + ffn) + 50_000L * 2_048 + 2_048L * 2_048 + 4_096;
        assertThat(expected).isEqualTo(1_315_196_928L);

        ParameterCount count = ParameterCount.of(model(24, 2048, 16, 50_000, List.of(0), false));
        assertThat(count).isEqualTo(new ParameterCount(1_315_196_928L, 1_315_196_928L, 1_315_196_928L));
    }

    @Test
    void seedOf16Billion() {
        long dense = 1_315_196_928L;
        long oneExpert = 33_564_672; // 2048*8192 + 8192 + 8192*2048 + 2048
        assertThat(2048L * 8192 + 8192 + 8192L * 2048 + 2048).isEqualTo(oneExpert);
        long experts = 448 * oneExpert; // 10 * 32 + 2 * 64
        assertThat(experts).isEqualTo(15_036_973_056L);
        long routers = 448 * 2_048; // 917,504
        long gates = 12 * (2 * 2_048 + 2); // 49,176
        // The dense FFN of the 12 MoE blocks is the residual path, so it is already in the dense base.
        long total = dense + experts + routers + gates;
        long active = dense + 12 * oneExpert + routers + gates;
        assertThat(total).isEqualTo(16_353_136_664L);
        assertThat(active).isEqualTo(1_718_939_672L);

        assertThat(ParameterCount.of(model(24, 2048, 16, 50_000, PYRAMID, true)))
                .isEqualTo(new ParameterCount(total, dense, active));
    }

    @Test
    void seedWithoutResidualPathsReplacesTheDenseFfn() {
        long total = 1_315_196_928L - 12 * 33_564_672L + 448 * 33_564_672L + 448 * 2_048L;
        assertThat(total).isEqualTo(15_950_311_424L);

        ParameterCount count = ParameterCount.of(model(24, 2048, 16, 50_000, PYRAMID, false));
        assertThat(count.total()).isEqualTo(total);
        assertThat(count.active()).isEqualTo(1_315_196_928L + 448 * 2_048L);
    }

    /** The published table gives 12.893 B in experts and 0.256 B in the rest, which is a vocabulary of 50,000. */
    @Test
    void throughputTableOf13Billion() {
        long oneExpert = 8_393_728; // 8*1024^2 + 5*1024
        long experts = 12 * 128 * oneExpert;
        assertThat(experts).isEqualTo(12_892_766_208L);
        long attentionAndNorms = 24 * (4_194_304 + 8_192); // 4*1024^2 + 8*1024
        long denseFfns = 12 * oneExpert;
        long routers = 12 * 128 * 1_024;
        long tables = 50_000 * 1_024 + 2_048 * 1_024;
        long rest = attentionAndNorms + denseFfns + routers + tables + 2_048;
        assertThat(rest).isEqualTo(256_456_704L);

        ParameterCount count = ParameterCount.of(model(24, 1024, 16, 50_000, List.of(128), false));
        assertThat(count.total()).isEqualTo(experts + rest).isEqualTo(13_149_222_912L);
        assertThat(count.dense()).isEqualTo(rest - routers + 12 * oneExpert);
        assertThat(count.active()).isEqualTo(count.dense() + routers);
    }

    @Test
    void sparseGpt125MillionWith64Experts() {
        long oneExpert = 4_722_432; // 8*768^2 + 5*768
        long experts = 6 * 64 * oneExpert; // 1,813,413,888
        long attentionAndNorms = 12 * (2_359_296 + 6_144);
        long denseFfns = 6 * oneExpert;
        long routers = 6 * 64 * 768;
        long tables = 50_257 * 768 + 2_048 * 768;
        long total = experts + attentionAndNorms + denseFfns + routers + tables + 1_536;
        assertThat(total).isEqualTo(1_910_600_448L);

        assertThat(ParameterCount.of(model(12, 768, 12, 50_257, List.of(64), false))
                        .total())
                .isEqualTo(total);
    }

    @Test
    void partsAddUpToTheWhole() {
        ModelConfig model = model(24, 2048, 16, 50_000, PYRAMID, true);
        ParameterCount sum = ParameterCount.ofTables(model).plus(ParameterCount.ofFinalNorm(model));
        for (int block = 0; block < 24; block++) {
            sum = sum.plus(ParameterCount.ofBlock(model, block));
        }
        assertThat(sum).isEqualTo(ParameterCount.of(model));
    }

    @Test
    void refusesToWrapAround() {
        assertThatThrownBy(() -> ParameterCount.of(model(2, 2_000_000_000, 1, 10, List.of(0), false)))
                .isInstanceOf(ArithmeticException.class);
    }
}
