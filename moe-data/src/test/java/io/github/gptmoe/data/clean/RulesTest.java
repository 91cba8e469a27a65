package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule by itself: what it changes or drops, and what it leaves alone. */
class RulesTest {
    private static final CleanConfig ALL = CleanConfig.defaults();
    private static final String PROSE =
            "天色渐渐暗了下来，街上的行人越来越少。他站在桥头，望着远处的灯火，想起了许多年前的那个夜晚；" + "那时候他还年轻，什么都不怕，以为世界很大，时间很长。如今桥还在，水还在，只是人已经不同了。";

    private static String text(RuleSettings settings, String text) {
        RuleOutcome outcome = settings.rule().apply(text);
        assertThat(outcome.reason()).isEmpty();
        return outcome.text();
    }

    private static String reason(RuleSettings settings, String text) {
        RuleOutcome outcome = settings.rule().apply(text);
        assertThat(outcome.text()).isNull();
        return outcome.reason();
    }

    private static String misread(String text, String charset) {
        return new String(text.getBytes(UTF_8), Charset.forName(charset));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GB18030", "ISO-8859-1"})
    void mojibakeIsRepairedWhole(String charset) {
        // An even number of bytes between ASCII characters: GBK loses none.
        String text = PROSE.length() % 2 == 0 ? PROSE : PROSE + "啊";
        assertThat(text(ALL.encoding(), misread(text, charset))).isEqualTo(text);
        assertThat(text(ALL.encoding(), "ok: " + misread("你好世界", charset) + "\nok"))
                .isEqualTo("ok: 你好世界\nok");
    }

    @Test
    void windows1252IsRepairedExceptWhereABrowserWouldHaveKeptMore() {
        // Java has no character for five bytes, so a character that has one of them is lost and its mark taken out.
        String repaired = text(new EncodingRule(true, true, 0.2), misread(PROSE, "windows-1252"));
        assertThat(PROSE.length() - repaired.length()).isBetween(0, PROSE.length() / 5);
        assertThat(repaired).contains("街上的行人").doesNotContain("\uFFFD").doesNotContain("å");
    }

    @Test
    void gbkIsRepairedUpToBytesThatDoNotPair() {
        String repaired = text(new EncodingRule(true, true, 0.2), misread("你好世界，今天天气很好\nabc" + PROSE, "GBK"));
        assertThat(repaired).startsWith("你好世界，今天天气很").contains("\nabc天色渐渐暗了下来").doesNotContain("\uFFFD");
        // The byte 0x80 pairs with nothing and is known all the same: 一 ends in it.
        assertThat(Mojibake.repair(misread("第一次见面一起走", "GBK"))).isEqualTo("第一次见面一起走");
        assertThat(Mojibake.repair(misread("第一次见面一起走", "GBK").replace('\uFFFD', '?')))
                .isEqualTo("第一次见面一起走");
    }

    @Test
    void twiceMisreadIsRepairedTwice() {
        String twice = new String(misread("你好，世界", "ISO-8859-1").getBytes(UTF_8), ISO_8859_1);
        assertThat(text(ALL.encoding(), twice)).isEqualTo("你好，世界");
        assertThat(text(ALL.encoding(), "cafÃ© cr\u00C3\u00A8me")).isEqualTo("café crème");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PROSE,
                "联通移动电信",
                "“你好”——他说……‘是’",
                "CAFÉ—bar, naïve façade, Übergrößen, ¿qué?",
                "濂溪先生講學於蓮花峰下，澶淵之盟，浣紗溪畔",
                "浣濂澶 涓浗",
                "Ελληνικά и русский",
                "é”… à  €"
            })
    void soundTextIsNotRepaired(String text) {
        assertThat(text(ALL.encoding(), text)).isSameAs(text);
    }

    @Test
    void replacementCharactersGoOrTheDocumentDoes() {
        assertThat(text(ALL.encoding(), PROSE + "\uFFFD")).isEqualTo(PROSE);
        assertThat(reason(ALL.encoding(), "坏了\uFFFD\uFFFD的文字")).contains("replacement characters 0.286 (limit 0.020)");
        assertThat(reason(ALL.encoding(), "锟斤拷锟斤拷锟斤拷烫烫烫")).contains("replacement");
        assertThat(text(new EncodingRule(true, false, 1.0), "ä½\u00A0å¥½")).isEqualTo("ä½\u00A0å¥½");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`<p>你好</p>`|`\n你好\n`",
                "`<P CLASS=\"a>b\">x</P >y`|`\nx\ny`",
                "`a<br/>b<b>c</b><img src=x>`|`a\nbc`",
                "`a<!-- b -->c<!DOCTYPE html>d`|`acd`",
                "`一<img alt=图 title='中 文>' src = 图.png\u3000id=a>二`|`一二`",
                "`a<script>if (1<2) {}</script>b`|`a\nb`",
                "`a<STYLE>p{}</STYLE>b`|`a\nb`",
                "`&lt;5&#20013;&#x56fd;&nbsp;&copy;&hellip;&#150;`|`<5中国\u00A0©…–`",
            })
    void htmlGoes(String html, String plain) {
        assertThat(text(ALL.html(), html)).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a < b && c > d",
                "List<String> names",
                "x<y>z",
                "http://a?x=1&copy=2",
                "R&D; &unknown; &#0; &#xD800; &#99999999; & ;",
                "<url> <id> <!-- open",
                "<p",
                "<a href='x",
                "输入 sh <script 来测试。\n重定向 (echo a > out)",
                "若 a <b 而 c> d"
            })
    void whatIsNoHtmlStays(String text) {
        assertThat(text(ALL.html(), text)).isSameAs(text);
    }

    @Test
    void manyOpenCommentsTakeNoTimeThatGrowsWithTheirSquare() {
        String text = "<!-- <script> <p ".repeat(100_000);
        assertThat(text(ALL.html(), text)).hasSizeLessThan(text.length());
    }

    @Test
    void controlsGo() {
        assertThat(text(
                        ALL.controls(),
                        "\uFEFF你\u200B好\u0007\u00AD\u202E\r\n二\r三\u2028四\u0085五\t六\u3000七\u00A0八\uFE0F"))
                .isEqualTo("你好\n二\n三\n四\n五 六 七 八");
        assertThat(text(ALL.controls(), "a\uE000\uDBFF\uDFFDb\uFDD0c")).isEqualTo("abc");
        assertThat(text(new ControlRule(true, false), "a\uE000b")).isEqualTo("a\uE000b");
        assertThat(text(ALL.controls(), "𠮷野家😀 café")).isEqualTo("𠮷野家😀 café");
        assertThat(text(ALL.controls(), PROSE)).isSameAs(PROSE);
    }

    @Test
    void oneWayOfWriting() {
        assertThat(text(ALL.unicode(), "cafe\u0301 ＡＢＣ１２３，：？⼀⼈")).isEqualTo("café ABC123，：？一人");
        assertThat(text(new UnicodeRule(true, UnicodeForm.NFKC, false), "①ＡＢ，㎏"))
                .isEqualTo("1AB,kg");
        assertThat(text(new UnicodeRule(true, UnicodeForm.NONE, false), "e\u0301Ａ"))
                .isEqualTo("e\u0301Ａ");
        assertThat(text(ALL.unicode(), PROSE)).isSameAs(PROSE);
    }

    @Test
    void traditionalBecomesSimplified() {
        RuleSettings on = new SimplifiedRule(true);
        assertThat(text(on, "漢語與電腦：學習資料")).isEqualTo("汉语与电脑：学习资料");
        assertThat(text(on, PROSE)).isEqualTo(PROSE);
        assertThat(text(on, "abc")).isEqualTo("abc");
        assertThat(ALL.simplified().enabled()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "见https://a.example.com/b?c=1&d=2，好|见<url>，好",
                "看www.example.cn吧|看<url>吧",
                "写信给some.one+x@mail.example.com。|写信给<email>。",
                "电话13812345678。|电话<phone>。",
                "电话+86 138-1234-5678或010-12345678|电话<phone>或<phone>",
                "拨打400-123-4567|拨打<phone>",
                "身份证11010519491231002X，|身份证<id>，",
                "卡号6222020000000000000。|卡号<id>。",
                "加QQ：123456789吧|加QQ：<account>吧",
                "微信号:abc_12345。|微信号:<account>。"
            })
    void personsAndAddressesAreMasked(String text, String masked) {
        assertThat(text(ALL.masks(), text)).isEqualTo(masked);
        assertThat(text(ALL.masks(), masked)).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "圆周率3.14159265358979323846",
                "身份证110105194912310021",
                "编号12345678901234567890",
                "2024年1月1日12:30，共1381234567元",
                "卡号6222020000000000005",
                "版本1.2.3 a@b 微信很好 QQ群里",
                "2008-2012年"
            })
    void otherNumbersStay(String text) {
        assertThat(text(ALL.masks(), text)).isEqualTo(text);
    }

    @Test
    void linesOfPagesGo() {
        assertThat(text(ALL.boilerplate(), "正文第一行。\n上一篇：无 下一篇：有\n版权所有 © 2020 某公司\n正文第二行。"))
                .isEqualTo("正文第一行。\n正文第二行。");
        String sentence = "他在会上说，未经授权使用他人作品是对作者的不尊重，这一点在座的每一位都应当明白，也都应当做到。";
        assertThat(text(ALL.boilerplate(), sentence)).isSameAs(sentence);
        assertThat(text(new BoilerplateRule(true, List.of("广告"), 10), "广告位\n版权所有"))
                .isEqualTo("版权所有");
        assertThat(new BoilerplateRule(true, List.of(""), 10).problems()).containsKey("phrases");
    }

    @Test
    void unfinishedLinesGoIfAskedFor() {
        RuleSettings on = new SentenceRule(true, null);
        assertThat(text(on, "标题\n第一句。\n“第二句！”\n未完的句")).isEqualTo("第一句。\n“第二句！”");
        assertThat(text(on, PROSE)).isSameAs(PROSE);
        assertThat(ALL.sentences().enabled()).isFalse();
    }

    @Test
    void superfluousSpaceGoes() {
        assertThat(text(ALL.whitespace(), "\n  一 二  三 \n\n\n\n  四\n五  \n")).isEqualTo("一 二 三\n\n四\n五");
        assertThat(text(new WhitespaceRule(true, true), "床 前 a 明 月 b")).isEqualTo("床前 a 明月 b");
        assertThat(text(ALL.whitespace(), PROSE)).isSameAs(PROSE);
        for (String tidy : List.of("a b", "a\nb", "a\n\nb", "一 二")) {
            assertThat(text(ALL.whitespace(), tidy)).isSameAs(tidy);
        }
        for (String untidy :
                List.of(" a", "a ", "\na", "a\n", "a  b", "a \nb", "a\n b", "a\n\n\nb", "a\tb", "a\u3000b")) {
            assertThat(text(ALL.whitespace(), untidy)).isNotEqualTo(untidy);
        }
    }

    @Test
    void lengthsAreJudged() {
        assertThat(reason(ALL.length(), "太短了。")).contains("4 characters, fewer than 10");
        assertThat(text(ALL.length(), "一二三四五六七八九十")).isNotNull();
        assertThat(reason(new LengthRule(true, 0, 20, 0.0), PROSE)).contains("more than 20");
        assertThat(reason(ALL.length(), "首页\n新闻\n体育\n财经\n娱乐\n")).contains("line on average 2.000");
        assertThat(new LengthRule(true, 10, 5, -1.0).problems())
                .containsOnlyKeys("maximumCharacters", "minimumMeanLine");
    }

    @Test
    void spacesAreThoseOfUnicodeAndJava() {
        assertThat(IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                        .filter(point -> Characters.isSpace(point)
                                != (Character.isWhitespace(point) || Character.isSpaceChar(point))))
                .isEmpty();
    }

    @Test
    void compositionIsJudged() {
        assertThat(reason(ALL.composition(), "！！！？？？。。。字")).contains("letters");
        assertThat(reason(ALL.composition(), "一二三四五六七八九十1234567890")).contains("digits 0.500");
        assertThat(reason(ALL.composition(), "话题#一#二#三#四#五#")).contains("hash signs");
        assertThat(reason(ALL.composition(), "好…的…吧…是…，嗯")).contains("ellipses");
        assertThat(reason(ALL.composition(), "【推荐】【热门】好文章来了")).contains("【】");
        assertThat(reason(ALL.composition(), PROSE.replaceAll("[，。；]", ""))).contains("punctuation");
        assertThat(reason(ALL.composition(), "• 苹果好吃\n".repeat(5))).contains("bullets 1.000");
        assertThat(text(ALL.composition(), "• 苹果好吃\n".repeat(4))).isNotNull();
        String torn = "这是一条新闻的开头几个字……\n那是另一条新闻的开头几个字...\n";
        assertThat(reason(ALL.composition(), torn + "完整的一句话在这里。\n".repeat(3))).contains("torn lines 0.400");
        assertThat(text(ALL.composition(), torn)).isNotNull();
        assertThat(text(ALL.composition(), PROSE)).isSameAs(PROSE);
        assertThat(new CompositionRule(true, 1.5, -0.1, null, null, null, null, null, null).problems())
                .containsOnlyKeys("minimumLetters", "maximumDigits");
    }

    @Test
    void fewCharactersAreJudgedInChineseAlone() {
        assertThat(reason(ALL.entropy(), "哈哈哈，呵呵呵。".repeat(20))).contains("entropy of characters 1.");
        assertThat(text(ALL.entropy(), PROSE + PROSE)).isEqualTo(PROSE + PROSE);
        assertThat(text(ALL.entropy(), "ha ha ha, ho ho. ".repeat(20))).isNotNull();
        assertThat(text(ALL.entropy(), "哈哈哈哈")).isNotNull();
    }

    @Test
    void entropyIsThatOfTheFormula() {
        // Two characters of equal share: ln 2 = 0.693.
        assertThat(reason(ALL.entropy(), "甲乙".repeat(60))).contains("0.693");
        // 32 characters of equal share, 1024 apart where that gives a Chinese one: ln 32 = 3.466.
        String even = IntStream.range(0, 32)
                .mapToObj(i -> Character.toString(0x4E00 + (i % 16) * 1024 + i / 16))
                .collect(Collectors.joining())
                .repeat(8);
        assertThat(text(new EntropyRule(true, 3.46, 100), even)).isNotNull();
        assertThat(reason(new EntropyRule(true, 3.47, 100), even)).contains("3.466 (limit 3.470)");
    }

    @Test
    void otherLanguagesGo() {
        String english = "This is an English text without any Chinese characters in it.";
        assertThat(reason(ALL.language(), english)).contains("share of Chinese characters 0.000");
        assertThat(text(new LanguageRule(true, 0.3, true), english)).isNotNull();
        assertThat(reason(new LanguageRule(true, 0.3, true), "Это русский текст"))
                .isNotEmpty();
        assertThat(reason(ALL.language(), "これはひらがなのぶんしょうです。")).isNotEmpty();
        assertThat(text(ALL.language(), PROSE)).isNotNull();
    }

    @Test
    void repetitionIsJudged() {
        assertThat(reason(ALL.repetition(), PROSE + "\n点击下载\n点击下载\n点击下载")).contains("repeated lines 0.500");
        assertThat(reason(ALL.repetition(), PROSE + "\n\n" + PROSE)).contains("repeated");
        assertThat(reason(ALL.repetition(), "买一送一好划算呀".repeat(30) + "。")).contains("gram");
        assertThat(text(ALL.repetition(), PROSE + "第二段讲的是另外的事情，没有什么重复。")).isNotNull();
        assertThat(text(ALL.repetition(), "好\n好\n好")).isNotNull();
        String varied = IntStream.range(0, 200)
                .mapToObj(i -> Character.toString('一' + i))
                .collect(Collectors.joining());
        assertThat(reason(ALL.repetition(), varied + "。" + varied + "。")).contains("repeated 10-grams 0.500");
        // Statutes name the same offices and deeds again and again.
        assertThat(text(ALL.repetition(), varied + "。" + varied.substring(20, 70) + "。" + varied.substring(100, 150)))
                .isNotNull();
        assertThat(new RepetitionRule(true, 1, 0.1, 0.1, 0.1, 0.1, List.of(new GramLimit(0, 2)), null).problems())
                .containsOnlyKeys("frequent");
    }

    @Test
    void nGramSharesEqualThoseOfANaiveCount() {
        TextGrams grams = new TextGrams("一二三，一二三；一二三四 abc");
        // Units 一二三一二三一二三四abc: 13 characters; 一二三 three times, 9 of them.
        assertThat(grams.mostFrequent(3)).isEqualTo(9 / 13.0);
        // From the left: 一二三 二三一 三一二 are new, 一二三 at 3 and at 6 are not.
        assertThat(grams.repeated(3)).isEqualTo(6 / 13.0);
        assertThat(new TextGrams("，。").repeated(3)).isZero();
        assertThat(new TextGrams("甲乙丙").mostFrequent(2)).isZero();
        assertThat(grams.mayExceed(4, 0.9)).isTrue();
        assertThat(grams.mayExceed(4, 1.4)).isFalse();
    }

    @Test
    void listedWordsAreCounted(@TempDir Path folder) throws IOException {
        Path words = Files.writeString(folder.resolve("words.txt"), "# list\n坏词\n\n坏词语\n");
        RuleSettings rule = new ProfanityRule(true, List.of(words.toString()), 0.5);
        assertThat(reason(rule, "这里有坏词语。")).contains("2.000 (limit 0.500)");
        assertThat(text(rule, "这里没有。\n这里有一个坏词。\n这里也没有。")).isNotNull();
        assertThat(text(ALL.profanity(), "坏词")).isNotNull();
        RuleSettings missing = new ProfanityRule(true, List.of("none.txt"), 0.5);
        assertThatThrownBy(missing::rule).isInstanceOf(InputException.class).hasMessageContaining("none.txt");
    }

    @Test
    void wordsAreFoundAsByANaiveSearch() {
        List<String> words = List.of("他", "他们", "们的", "的", "是他们的");
        String text = "这是他们的，那是他的，都是他们的们的";
        int naive = 0;
        for (String word : words) {
            for (int i = text.indexOf(word); i >= 0; i = text.indexOf(word, i + 1)) {
                naive++;
            }
        }
        assertThat(new WordFinder(words).count(text)).isEqualTo(naive);
    }
}
