package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterConfigTest {
    @Test
    void absentKeysTakeTheDefaults() {
        assertThat(new Top1Config(null, null, null, null))
                .isEqualTo(new Top1Config(0.01, 0.0, 0.0, 0.02))
                .isEqualTo(Top1Config.defaults());
        assertThat(new LargeMarginConfig(null, null, null, null, null, null, null, null, null))
                .isEqualTo(new LargeMarginConfig(0.01, 0.0, 0.0, 0.02, "2", 0.5, 0.01, 0L, 1))
                .isEqualTo(LargeMarginConfig.defaults());
        assertThat(Top1Config.defaults().problems()).isEmpty();
        assertThat(LargeMarginConfig.defaults().problems()).isEmpty();
    }

    @Test
    void everyKeyCanBeSet() {
        Top1Config top1 = new Top1Config(0.1, 0.2, 0.3, 0.4);
        assertThat(List.of(top1.balanceCoefficient(), top1.zCoefficient(), top1.jitter(), top1.initStd()))
                .containsExactly(0.1, 0.2, 0.3, 0.4);
        assertThat(top1.problems()).isEmpty();
        LargeMarginConfig margin = new LargeMarginConfig(0.1, 0.2, 0.3, 0.4, "inf", 0.6, 0.7, 8L, 9);
        assertThat(List.of(margin.balanceCoefficient(), margin.zCoefficient(), margin.jitter(), margin.initStd()))
                .containsExactly(0.1, 0.2, 0.3, 0.4);
        assertThat(List.<Object>of(
                        margin.norm(),
                        margin.gamma(),
                        margin.marginCoefficient(),
                        margin.warmupSteps(),
                        margin.rivals()))
                .containsExactly("inf", 0.6, 0.7, 8L, 9);
        assertThat(margin.problems()).isEmpty();
    }

    @Test
    void allProblemsAreListedAtOnce() {
        assertThat(new Top1Config(-1.0, Double.NaN, 1.0, Double.POSITIVE_INFINITY).problems())
                .containsOnlyKeys("balanceCoefficient", "zCoefficient", "jitter", "initStd");
        assertThat(new LargeMarginConfig(-1.0, -1.0, -0.1, 0.0, "3", 0.0, -1.0, -1L, 0).problems())
                .containsOnlyKeys(
                        "balanceCoefficient",
                        "zCoefficient",
                        "jitter",
                        "initStd",
                        "norm",
                        "gamma",
                        "marginCoefficient",
                        "warmupSteps",
                        "rivals")
                .containsEntry("norm", "is 3, but must be 1, 2 or inf");
    }

    @Test
    void aConfigurationWithProblemsBuildsNothing() {
        assertThatThrownBy(() -> new Top1Config(-1.0, null, null, null).build(8, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("balanceCoefficient");
        assertThatThrownBy(() -> Top1Config.defaults().build(0, 4)).hasMessageContaining("hidden 0");
        assertThatThrownBy(() -> new LargeMarginConfig(null, null, null, null, null, null, null, null, 4).build(8, 4))
                .hasMessageContaining("lower rivals");
        assertThatThrownBy(() -> LargeMarginConfig.defaults().build(8, 1)).hasMessageContaining("0 rivals");
    }

    @Test
    void theWeightIsOneMatrixOfExpertsByWidth() {
        for (RouterConfig config : List.of(
                new Top1Config(null, null, null, 0.5),
                new LargeMarginConfig(null, null, null, 0.5, null, null, null, null, null))) {
            Router router = config.build(8, 4);
            assertThat(router.numExperts()).isEqualTo(4);
            assertThat(router.weights()).containsExactly(new RouterWeight("weight", new Shape(4, 8), 0.5f));
        }
        assertThat(Top1Config.defaults().build(8, 4).margin()).isEmpty();
        assertThat(LargeMarginConfig.defaults().build(8, 4).margin()).hasValue(0.5);
    }

    @Test
    void everyPermittedRecordHasItsOwnTypeName() {
        assertThat(Arrays.stream(RouterConfig.class.getPermittedSubclasses())
                        .map(type -> type.getAnnotation(JsonTypeName.class).value()))
                .contains("top1", "large-margin")
                .doesNotHaveDuplicates();
        assertThat(RouterConfig.class.getPermittedSubclasses())
                .allSatisfy(type -> assertThat(type.isRecord()).isTrue());
    }
}
