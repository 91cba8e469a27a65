package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamedAttentionTest {
    @Test
    void everyNameLeadsToItsForm() {
        assertThat(NamedAttention.labels())
                .containsExactly("block-64", "block-128", "block-256", "block-512", "fused", "sdpa");
        for (NamedAttention named : NamedAttention.values()) {
            assertThat(NamedAttention.of(named.label())).contains(named);
        }
        assertThat(NamedAttention.of("block-65")).isEmpty();
        assertThat(NamedAttention.of("auto")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "cpu, FP32, 1, block-128",
        "cpu, FP32, 2048, block-128",
        "cpu, BF16, 2048, block-256",
        "cpu, FP16, 2048, block-256",
        "cpu, FP32, 2049, fused",
        "cpu, BF16, 2049, fused",
        "gpu0, FP32, 16, sdpa",
        "gpu0, BF16, 4096, sdpa",
        "gpu0, FP16, 4096, sdpa",
    })
    void theFixedRule(String device, Precision precision, long length, String label) {
        NamedAttention named = NamedAttention.standard(Device.fromName(device), precision, length);
        assertThat(named.label()).isEqualTo(label);
        assertThat(named.runsOn(Device.fromName(device))).isTrue();
    }

    @Test
    void gpusHaveOneFormAndCpusAll() {
        assertThat(Arrays.stream(NamedAttention.values()).filter(named -> named.runsOn(Device.gpu())))
                .containsExactly(NamedAttention.SDPA);
        assertThat(NamedAttention.values()).allMatch(named -> named.runsOn(Device.cpu()));
    }

    @Test
    void blocksKeepTheSharesBelowAndOnTheDiagonal() {
        // Rows 0-63 see 64 keys, 64-127 see 128, 128-149 see 150.
        long shares = 64 * 64 + 64 * 128 + 22 * 150;
        assertThat(NamedAttention.BLOCK_64.shareBytes(3, 150, Precision.FP32)).isEqualTo(3 * 4 * shares);
        assertThat(NamedAttention.BLOCK_64.shareBytes(3, 150, Precision.BF16)).isEqualTo(3 * 2 * shares);
        assertThat(NamedAttention.BLOCK_512.shareBytes(1, 150, Precision.FP32)).isEqualTo(4 * 150 * 150);
        assertThat(NamedAttention.FUSED.shareBytes(1, 150, Precision.FP32)).isZero();
        assertThat(NamedAttention.SDPA.shareBytes(1, 150, Precision.FP32)).isZero();
    }

    @Test
    void aContextSaysHowToAttendAndKeepsIt() {
        KernelModule.enter();
        try (NDManager scope = NDManager.newBaseManager(Device.cpu());
                NDManager inner = scope.newSubManager()) {
            StageContext rule = new StageContext(scope, Precision.BF16, true, 1, 2, null);
            assertThat(rule.attentionOver(100)).isEqualTo(NamedAttention.BLOCK_256.form());
            assertThat(StageContext.evaluation(scope, Precision.FP32).attentionOver(4096))
                    .isEqualTo(NamedAttention.FUSED.form());
            StageContext named = rule.withAttention(NamedAttention.BLOCK_64.form());
            assertThat(named.in(inner).withValid(null).attentionOver(4096)).isEqualTo(NamedAttention.BLOCK_64.form());
            assertThat(named.step()).isEqualTo(rule.step());
        }
    }
}
