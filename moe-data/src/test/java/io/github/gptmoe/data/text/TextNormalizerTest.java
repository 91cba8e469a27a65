package io.github.gptmoe.data.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TextNormalizerTest {

    private static String normalize(String text, TextRules rules, Map<String, String> map) {
        TextNormalizer normalizer = new TextNormalizer(
                rules.dummyPrefix(), rules.removeExtraSpaces(), map.isEmpty() ? null : CharacterMap.compile(map));
        return normalize(text, normalizer);
    }

    private static String normalize(String text, TextNormalizer normalizer) {
        normalizer.normalize(text.getBytes(UTF_8));
        return new String(normalizer.points(), 0, normalizer.length());
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "true,true,'  今天  很 好 ',▁今天▁很▁好",
                "false,true,'  今天  很 好 ',今天▁很▁好",
                "true,false,'  今天  很 好 ',▁▁▁今天▁▁很▁好▁",
                "false,false,' a ',▁a▁",
                "true,true,'   ',''",
                "true,false,'  ',▁▁▁",
                "true,true,'',''",
                "true,false,'',''",
                "true,true,𠮷 é,▁𠮷▁é"
            })
    void spacesAreTreatedAsAsked(boolean prefix, boolean remove, String text, String expected) {
        assertThat(normalize(text, new TextRules(Normalization.IDENTITY, prefix, remove), Map.of()))
                .isEqualTo(expected);
    }

    @Test
    void replacementsMayHoldSpacesOrNothing() {
        Map<String, String> map = Map.of("A", " x ", "B", "", "C", " ", "AB", "y");
        TextRules rules = TextRules.STANDARD;
        assertThat(normalize("AA", rules, map)).isEqualTo("▁x▁x");
        assertThat(normalize("BABq", rules, map)).isEqualTo("▁yq");
        assertThat(normalize("CC  qCB C", rules, map)).isEqualTo("▁q");
        assertThat(normalize("BCq", rules, map)).isEqualTo("▁q");
        assertThat(normalize("BBB", rules, map)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void equalsApplyingTheRulesOneByOne(Normalization normalization) {
        Map<String, String> map = CharacterRules.of(normalization);
        CharacterMap compiled = map.isEmpty() ? null : CharacterMap.compile(map);
        Random random = new Random(9);
        for (TextRules rules :
                new TextRules[] {new TextRules(normalization, true, true), new TextRules(normalization, false, false)
                }) {
            TextNormalizer normalizer = new TextNormalizer(rules.dummyPrefix(), rules.removeExtraSpaces(), compiled);
            for (String sentence : List.of(
                    "道德 道理",
                    "哈哈。。。",
                    "F1 2021 １２ ｆｕｌｌ",
                    "ラーメン e\u0301te\u0301 ",
                    "\u00A0\u3000x",
                    "\u1112\u1161\u11AB",
                    "㍿𠮷")) {
                assertThat(normalize(sentence, normalizer)).isEqualTo(NaiveNormalizer.normalize(sentence, map, rules));
            }
            for (int round = 0; round < 500; round++) {
                String text = random.ints(12, 0x20, 0x3400)
                        .filter(point -> point != 0x2581)
                        .map(point -> random.nextInt(4) == 0 ? ' ' : point)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertThat(normalize(text, normalizer)).isEqualTo(NaiveNormalizer.normalize(text, map, rules));
            }
        }
    }
}
