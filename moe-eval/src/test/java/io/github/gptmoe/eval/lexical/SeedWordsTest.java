package io.github.gptmoe.eval.lexical;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeedWordsTest {
    private static final SeedWords OPINION = new SeedWords(List.of(List.of("满意", "好"), List.of("不满意", "差")));

    @Test
    void theLongestWordCountsAndNoneInsideIt() {
        assertThat(OPINION.shares("我很满意")).containsExactly(1, 0);
        assertThat(OPINION.shares("我不满意")).containsExactly(0, 1);
        assertThat(OPINION.shares("不满意，不满意，满意")).containsExactly(0, 1);
    }

    @Test
    void mostHitsWinAndTiesShare() {
        assertThat(OPINION.shares("好好差")).containsExactly(1, 0);
        assertThat(OPINION.shares("好，但是差")).containsExactly(0.5, 0.5);
        assertThat(OPINION.shares("今天下雨")).containsExactly(0, 0);
        assertThat(OPINION.shares("")).containsExactly(0, 0);
    }

    @Test
    void aWordOfSeveralLabelsIsAHitOfEach() {
        SeedWords seeds = new SeedWords(List.of(List.of("足球", "比赛"), List.of("游戏", "比赛"), List.of("股票")));
        assertThat(seeds.shares("一场比赛")).containsExactly(0.5, 0.5, 0);
        assertThat(seeds.shares("一场足球比赛")).containsExactly(1, 0, 0);
    }

    @Test
    void caseIsIgnored() {
        SeedWords seeds = new SeedWords(List.of(List.of("iPhone"), List.of("NBA")));
        assertThat(seeds.shares("新款IPHONE")).containsExactly(1, 0);
        assertThat(seeds.shares("nba总决赛")).containsExactly(0, 1);
    }

    @Test
    void labelsWithoutWordsAreAllowed() {
        SeedWords seeds = new SeedWords(List.of(List.of(), List.of("差")));
        assertThat(seeds.shares("差")).containsExactly(0, 1);
        assertThat(new SeedWords(List.of(List.of(), List.of())).shares("差")).containsExactly(0, 0);
    }
}
