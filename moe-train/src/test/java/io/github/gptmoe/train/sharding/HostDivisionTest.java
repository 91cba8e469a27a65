package io.github.gptmoe.train.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.train.TinyModels;
import io.github.gptmoe.train.collective.ShardPlan;
import io.github.gptmoe.train.sharding.HostDivision.Portion;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostDivisionTest {
    private static final GptModel MODEL = new GptModel(TinyModels.top1());

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "1, 0, 200", "2, 1, 1", "4, 2, 300", "4, 3, 9223372036854775807"})
    void portionsAreNeighboursAndTogetherAllThatIsOwned(int ranks, int rank, long elements) {
        Layout layout = Layout.of(MODEL, ranks == 1 ? 0 : 2, ranks);
        HostDivision division = HostDivision.of(layout, bucket -> rank, elements);
        for (Bucket bucket : layout.buckets()) {
            List<Portion> portions = division.of(bucket);
            assertThat(portions.stream()
                            .flatMap(portion -> portion.pieces().stream())
                            .toList())
                    .isEqualTo(bucket.plan().pieces(rank));
            long end = 0;
            for (Portion portion : portions) {
                assertThat(portion.from()).isGreaterThanOrEqualTo(portion.length() == 0 ? 0 : end);
                end = portion.from() + portion.length();
                assertThat(end).isLessThanOrEqualTo(bucket.plan().shardSize());
                long all = portion.pieces().stream()
                        .mapToLong(ShardPlan.Piece::length)
                        .sum();
                long last = portion.pieces().isEmpty()
                        ? 0
                        : portion.pieces().get(portion.pieces().size() - 1).length();
                assertThat(all - last)
                        .as("it ends as soon as it is long enough")
                        .isLessThan(elements);
            }
            if (elements == Long.MAX_VALUE) {
                assertThat(portions).as("one a bucket, on every rank").hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "200", "9223372036854775807"})
    void neighboursHaveDifferentMemoryThatIsLongEnough(long elements) {
        HostDivision division = HostDivision.of(Layout.of(MODEL, 0, 1), bucket -> 0, elements);
        List<Portion> portions = division.portions();
        long longest = 0;
        for (int i = 0; i < portions.size(); i++) {
            Portion portion = portions.get(i);
            assertThat(portion.slot()).isEqualTo(i % 2);
            assertThat(portion.length())
                    .isLessThanOrEqualTo(
                            division.longest(portion.slot(), portion.bucket().fp32()));
            longest = Math.max(longest, portion.length());
        }
        assertThat(longest)
                .isEqualTo(Math.max(
                        Math.max(division.longest(0, false), division.longest(1, false)),
                        Math.max(division.longest(0, true), division.longest(1, true))));
        assertThat(division.staging(false)).isEqualTo(division.longest(0, false) + division.longest(1, false));
        assertThat(division.staging(true)).isEqualTo(division.longest(0, true) + division.longest(1, true));
    }
}
