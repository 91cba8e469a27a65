package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CleanerTest {
    private static final String GOOD = "春天来了，院子里的花都开了。孩子们跑来跑去，笑声传得很远。";

    /** What texts of the property are made of: sound and faulty pieces, and pieces of markup that meet by chance. */
    private static final List<String> PIECES = List.of(
            GOOD,
            "<p>",
            "</p>",
            "&lt;",
            "&amp;",
            "b&gt;",
            "&#60;br&#62;",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "\uFFFD",
            "锟斤拷",
            "\u200B",
            "\r\n",
            "\n\n\n",
            "  ",
            "\u3000",
            "１３８１２３４５６７８",
            "13812345678",
            "https://example.com/a?b=c",
            "user@example.com",
            "QQ：",
            "版权所有\n",
            "上一篇",
            "e\u0301",
            "Ａ",
            "《红楼梦》",
            "他说：“好！”\n",
            new String("你好，世界。".getBytes(UTF_8), Charset.forName("GBK")),
            new String("今天天气".getBytes(UTF_8), Charset.forName("windows-1252")),
            "浣",
            "ä½",
            "😀",
            "\uE123",
            "漢語與電腦");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cleaningIsIdempotent(boolean everything) {
        CleanConfig config = everything ? everything() : CleanConfig.defaults();
        Cleaner cleaner = new Cleaner(config);
        SplittableRandom random = new SplittableRandom(7);
        int kept = 0;
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? GOOD : "");
            int pieces = 1 + random.nextInt(12);
            for (int k = 0; k < pieces; k++) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            CleanResult once = cleaner.clean(text.toString());
            if (once.text() != null) {
                kept++;
                CleanResult twice = cleaner.clean(once.text());
                assertThat(twice.text()).as("from %s", text).isEqualTo(once.text());
                assertThat(twice.changes()).isEmpty();
            }
        }
        assertThat(kept).isGreaterThan(500);
    }

    /** All rules on, those too that are off by default, with limits that keep mixed text. */
    private static CleanConfig everything() {
        CleanConfig standard = CleanConfig.defaults();
        return new CleanConfig(
                new EncodingRule(true, true, 0.2),
                standard.html(),
                standard.controls(),
                new UnicodeRule(true, UnicodeForm.NFKC, true),
                new SimplifiedRule(true),
                standard.masks(),
                standard.boilerplate(),
                new SentenceRule(true, null),
                new WhitespaceRule(true, true),
                standard.length(),
                standard.composition(),
                standard.entropy(),
                standard.language(),
                standard.repetition(),
                standard.profanity(),
                0);
    }

    @Test
    void whatOneRuleUncoversAnotherSees() {
        Cleaner cleaner = new Cleaner(CleanConfig.defaults());
        CleanResult result = cleaner.clean("&amp;lt;p&amp;gt;" + GOOD + "&amp;lt;/p&amp;gt;");
        assertThat(result.text()).isEqualTo(GOOD);
        assertThat(result.changes()).extracting(CleanResult.Change::rule).containsExactly("html", "whitespace");
        assertThat(cleaner.clean("\uFEFF" + GOOD).changes()).singleElement().satisfies(change -> {
            assertThat(change.rule()).isEqualTo("controls");
            assertThat(change.before()).startsWith("\uFEFF");
            assertThat(change.after()).isEqualTo(GOOD);
        });
    }

    @Test
    void whatIsDroppedSaysByWhat() {
        Cleaner cleaner = new Cleaner(CleanConfig.defaults());
        CleanResult english = cleaner.clean("<b>This text is about nothing that is written in Chinese.</b>");
        assertThat(english.kept()).isFalse();
        assertThat(english.droppedBy()).isEqualTo("language");
        assertThat(english.reason()).contains("0.000");
        assertThat(english.changes()).extracting(CleanResult.Change::rule).containsExactly("html");
        assertThat(cleaner.clean("short").droppedBy()).isEqualTo("length");
    }

    @Test
    void aRuleThatIsOffDoesNothing() {
        List<String> off = new ArrayList<>();
        CleanConfig standard = CleanConfig.defaults();
        CleanConfig config = new CleanConfig(
                standard.encoding(),
                new HtmlRule(false, true),
                standard.controls(),
                standard.unicode(),
                standard.simplified(),
                new MaskRule(false, true, true, true, true, true),
                standard.boilerplate(),
                standard.sentences(),
                standard.whitespace(),
                standard.length(),
                standard.composition(),
                standard.entropy(),
                standard.language(),
                standard.repetition(),
                standard.profanity(),
                3);
        String text = GOOD + "<b>电话13812345678</b>";
        assertThat(new Cleaner(config).clean(text).text()).isEqualTo(text);
        config.rules().forEach((name, rule) -> {
            if (!rule.enabled()) {
                off.add(name);
            }
        });
        assertThat(off).containsExactly("html", "simplified", "masks", "sentences");
    }

    @Test
    void settingsTravel() throws Exception {
        CleanConfig config = everything();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(config);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(config);
        }
    }

    @Test
    void allProblemsAreThere() {
        CleanConfig standard = CleanConfig.defaults();
        CleanConfig wrong = new CleanConfig(
                new EncodingRule(true, true, 2.0),
                null,
                null,
                null,
                null,
                null,
                new BoilerplateRule(true, null, 0),
                null,
                null,
                null,
                null,
                null,
                new LanguageRule(true, -1.0, null),
                null,
                null,
                -1);
        assertThat(standard.problems()).isEmpty();
        assertThat(wrong.problems())
                .containsOnlyKeys(
                        "encoding.maximumReplacements",
                        "boilerplate.maximumCharacters",
                        "language.minimumHan",
                        "samples");
    }
}
