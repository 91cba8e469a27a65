package io.github.gptmoe.data.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The compiled table against the map it was made from. */
class CharacterMapTest {

    private static String replacement(CharacterMap map, long rule) {
        int start = (int) (rule >>> Integer.SIZE);
        int end = start;
        while (map.replacements()[end] != 0) {
            end++;
        }
        return new String(map.replacements(), start, end - start, UTF_8);
    }

    @Test
    void everyRuleOfTheDefaultIsFound() {
        Map<String, String> rules = CharacterRules.of(Normalization.NMT_NFKC);
        CharacterMap map = CharacterMap.compile(rules);
        assertThat(rules).hasSizeGreaterThan(200_000);
        rules.forEach((key, value) -> {
            byte[] text = key.getBytes(UTF_8);
            long rule = map.longest(text, 0, text.length);
            assertThat((int) rule).isEqualTo(text.length);
            assertThat(replacement(map, rule)).isEqualTo(value);
        });
        // Equal endings are stored once, or this would be more than two million.
        assertThat(map.toBytes().length).isLessThan(600_000);
    }

    @Test
    void nothingElseIsFound() {
        Random random = new Random(1);
        for (int round = 0; round < 50; round++) {
            Map<String, String> rules = new HashMap<>();
            for (int i = 0; i < 1 + random.nextInt(300); i++) {
                rules.put(random(random, 1 + random.nextInt(4)), random(random, random.nextInt(3)));
            }
            CharacterMap map = CharacterMap.compile(rules);
            for (int i = 0; i < 300; i++) {
                String text = random(random, 6) + "\0" + random(random, 3);
                assertLongest(rules, map, text);
            }
        }
    }

    private static void assertLongest(Map<String, String> rules, CharacterMap map, String text) {
        String longest = "";
        for (int end = 1; end <= text.length(); end++) {
            longest = rules.containsKey(text.substring(0, end)) ? text.substring(0, end) : longest;
        }
        byte[] bytes = text.getBytes(UTF_8);
        long rule = map.longest(bytes, 0, bytes.length);
        assertThat((int) rule).isEqualTo(longest.getBytes(UTF_8).length);
        if (!longest.isEmpty()) {
            assertThat(replacement(map, rule)).isEqualTo(rules.get(longest));
        }
    }

    private static String random(Random random, int length) {
        List<String> letters = List.of("a", "b", "é", "道", "\u0001", "z", "\u07FF", "\uFFFD");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.get(random.nextInt(letters.size())));
        }
        return text.toString();
    }

    @Test
    void aZeroByteInATextMatchesNothing() {
        CharacterMap map = CharacterMap.compile(Map.of("a", "b", "道", "c"));
        byte[] text = {0, 'a'};
        assertThat(map.longest(text, 0, 2)).isZero();
        assertThat((int) map.longest(new byte[] {'a', 0, 'a'}, 0, 3)).isEqualTo(1);
    }

    @Test
    void whiteSpaceAndControlsFollowTheRulesOfTheDefault() {
        Map<String, String> rules = CharacterRules.of(Normalization.NMT_NFKC);
        assertThat(rules)
                .containsEntry("\u3000", " ")
                .containsEntry("\t", " ")
                .containsEntry("\u2581", " ")
                .containsEntry("\u0007", "")
                .containsEntry("Ａ", "A")
                .containsEntry("e\u0301", "é")
                .containsEntry("㍿", "株式会社")
                .doesNotContainKey("～")
                .doesNotContainKey("\u200D");
        assertThat(CharacterRules.of(Normalization.NFKC))
                .containsEntry("～", "~")
                .doesNotContainKey("\t");
        assertThat(CharacterRules.of(Normalization.IDENTITY)).isEmpty();
    }
}
