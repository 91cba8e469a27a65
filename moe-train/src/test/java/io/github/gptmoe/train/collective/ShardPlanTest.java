package io.github.gptmoe.train.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ShardPlanTest {
    @Test
    void parametersFollowEachOtherAndTheRestFillsUp() {
        ShardPlan plan = ShardPlan.of(List.of(600L, 10L), 2);
        assertThat(plan.offsets()).containsExactly(0L, 768L);
        assertThat(plan.shardSize()).isEqualTo(512);
        assertThat(plan.fullSize()).isEqualTo(1024);
        assertThat(plan.pieces(0)).containsExactly(new ShardPlan.Piece(0, 0, 0, 512));
        assertThat(plan.pieces(1))
                .containsExactly(new ShardPlan.Piece(0, 512, 0, 88), new ShardPlan.Piece(1, 0, 256, 10));
    }

    @Test
    void aRankBehindTheLastParameterOwnsNothing() {
        assertThat(ShardPlan.of(List.of(1L), 4).pieces(3)).isEmpty();
    }

    @RepeatedTest(200)
    void everyElementHasOneOwner(RepetitionInfo info) {
        Random random = new Random(info.getCurrentRepetition());
        List<Long> sizes = IntStream.range(0, 1 + random.nextInt(12))
                .mapToObj(i -> 1L + random.nextInt(random.nextBoolean() ? 20 : 5000))
                .toList();
        int worldSize = 1 + random.nextInt(8);
        ShardPlan plan = ShardPlan.of(sizes, worldSize);

        List<int[]> owners = new ArrayList<>();
        sizes.forEach(size -> owners.add(new int[size.intValue()]));
        for (int rank = 0; rank < worldSize; rank++) {
            long endOfLast = 0;
            for (ShardPlan.Piece piece : plan.pieces(rank)) {
                assertThat(piece.fromParameter() % ShardPlan.ALIGNMENT).isZero();
                assertThat(piece.fromShard()).isGreaterThanOrEqualTo(endOfLast);
                endOfLast = piece.fromShard() + piece.length();
                // The place in the flat array is the same from both sides.
                assertThat(rank * plan.shardSize() + piece.fromShard())
                        .isEqualTo(plan.offsets().get(piece.parameter()) + piece.fromParameter());
                for (long i = 0; i < piece.length(); i++) {
                    owners.get(piece.parameter())[(int) (piece.fromParameter() + i)]++;
                }
            }
            assertThat(endOfLast).isLessThanOrEqualTo(plan.shardSize());
        }
        assertThat(owners).allSatisfy(counts -> assertThat(counts).containsOnly(1));
        assertThat(plan.shardSize() % ShardPlan.ALIGNMENT).isZero();
        assertThat(plan.offsets())
                .allSatisfy(offset -> assertThat(offset % ShardPlan.ALIGNMENT).isZero());
        long total = sizes.stream().mapToLong(Long::longValue).sum();
        assertThat(plan.fullSize() - total)
                .isBetween(0L, (long) (worldSize + sizes.size()) * (ShardPlan.ALIGNMENT - 1) + worldSize);
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> ShardPlan.of(List.of(0L), 2)).hasMessageContaining("a parameter of 0 elements");
        assertThatThrownBy(() -> ShardPlan.of(List.of(1L), 0)).hasMessageContaining("0 ranks");
        assertThatThrownBy(() -> ShardPlan.of(List.of(1L), 2).pieces(2)).hasMessageContaining("rank 2 of 2");
    }
}
