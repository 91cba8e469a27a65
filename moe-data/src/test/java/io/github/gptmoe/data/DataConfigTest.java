package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataConfigTest {
    @Test
    void fillsDefaults() throws IOException {
        DataConfig config = new ObjectMapper().readValue("{\"train\":[\"a\"],\"tokenizer\":\"t\"}", DataConfig.class);
        assertThat(config)
                .isEqualTo(new DataConfig(
                        List.of("a"), List.of(), 0.05, "t", ".cache/tokens", "fail", 1, 4, "ahead", "text", null));
        assertThat(config.problems()).isEmpty();
    }

    @Test
    void keepsEveryValue() {
        DataConfig config =
                new DataConfig(List.of("a"), List.of("b"), 0.5, "t", "c", "skip", 0, 7, "stream", "text", null);
        assertThat(config.problems()).isEmpty();
        assertThat(config.validation()).containsExactly("b");
        assertThat(config.validationFraction()).isEqualTo(0.5);
        assertThat(config.cache()).isEqualTo("c");
        assertThat(config.badRows()).isEqualTo("skip");
        assertThat(config.loaderThreads()).isZero();
        assertThat(config.prefetch()).isEqualTo(7);
        assertThat(config.tokenize()).isEqualTo("stream");
        assertThat(config.format()).isEqualTo("text");
        assertThat(config.weights()).isNull();
    }

    @Test
    void segmentsCountAlikeUnlessWeightsAreGiven() throws IOException {
        ObjectMapper json = new ObjectMapper();
        String rest = "\"train\":[\"a\"],\"tokenizer\":\"t\",\"format\":\"segments\"";
        assertThat(json.readValue("{" + rest + "}", DataConfig.class).weights())
                .isEqualTo(new SegmentWeights(1.0, 1.0, 1.0));
        DataConfig weighed = json.readValue("{" + rest + ",\"weights\":{\"label\":3}}", DataConfig.class);
        assertThat(weighed.weights()).isEqualTo(new SegmentWeights(1.0, 1.0, 3.0));
        assertThat(weighed.problems()).isEmpty();
    }

    @Test
    void weightsAreForSegmentsAndSegmentsArePackedAhead() {
        SegmentWeights wrong = new SegmentWeights(-1.0, Double.NaN, Double.POSITIVE_INFINITY);
        assertThat(segments("text", "ahead", SegmentWeights.defaults()).problems())
                .containsOnlyKeys("weights");
        assertThat(segments("rows", "ahead", null).problems()).containsOnlyKeys("format");
        assertThat(segments("segments", "stream", null).problems()).containsOnlyKeys("tokenize");
        assertThat(segments("segments", "ahead", wrong).problems())
                .containsOnlyKeys("weights.context", "weights.prompt", "weights.label");
        assertThat(segments("segments", "ahead", new SegmentWeights(0.0, 0.0, 0.0))
                        .problems())
                .containsOnlyKeys("weights.label");
    }

    @Test
    void quarantineIsForTextThatIsTokenisedAhead() {
        for (String[] kind : new String[][] {{"ahead", "text"}, {"stream", "text"}, {"ahead", "segments"}}) {
            DataConfig config = new DataConfig(
                    List.of("a"), null, null, "t", null, "quarantine", null, null, kind[0], kind[1], null);
            boolean fits = kind[0].equals("ahead") && kind[1].equals("text");
            assertThat(config.problems().keySet()).isEqualTo(fits ? Set.of() : Set.of("badRows"));
        }
    }

    private static DataConfig segments(String format, String tokenize, SegmentWeights weights) {
        return new DataConfig(List.of("a"), null, null, "t", null, null, null, null, tokenize, format, weights);
    }

    @Test
    void findsAllProblemsAtOnce() {
        DataConfig config = new DataConfig(null, List.of(" "), 1.0, null, "", "ignore", -1, 0, "later", null, null);
        assertThat(config.problems())
                .containsOnlyKeys(
                        "train",
                        "validation",
                        "validationFraction",
                        "tokenizer",
                        "cache",
                        "badRows",
                        "loaderThreads",
                        "prefetch",
                        "tokenize");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesFractionsOutsideZeroAndOne(double fraction) {
        DataConfig config = new DataConfig(List.of("a"), null, fraction, "t", null, null);
        assertThat(config.problems()).containsOnlyKeys("validationFraction");
    }
}
