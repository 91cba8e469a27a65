package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.bpe.BpeConfig.Symbols;
import io.github.gptmoe.data.text.CharacterRules;
import io.github.gptmoe.data.text.NaiveNormalizer;
import io.github.gptmoe.data.text.Normalization;
import io.github.gptmoe.data.text.TextRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against an obvious trainer, against itself on several threads, and with input that cannot be used. */
class BpeTrainerTest {
    private static final Alphabet WITH_BYTES = new Alphabet(0.9995, "", true);
    private static final Alphabet ALL = new Alphabet(1, "", false);
    private static final PieceRules RULES = PieceRules.STANDARD;

    @TempDir
    Path folder;

    private TrainedTokenizer train(List<String> sentences, BpeConfig config, int threads) throws IOException {
        BpeInput input = BpeInput.all(List.of(Sentences.write(folder, sentences)));
        return BpeTrainer.train(input, config, null, threads, BpeProgress.NONE);
    }

    private static List<String> pieces(TrainedTokenizer trained, BpeConfig config) {
        List<String> all = trained.vocabulary()
                .lines()
                .map(line -> line.substring(0, line.indexOf('\t')))
                .toList();
        return all.subList(MetaPieces.of(config).size(), all.size());
    }

    private static BpeConfig config(int vocabulary, TextRules text, PieceRules pieces, Alphabet alphabet) {
        return new BpeConfig(vocabulary, true, 0, text, pieces, alphabet, Symbols.NONE);
    }

    static Stream<BpeConfig> options() {
        TextRules standard = TextRules.STANDARD;
        return Stream.of(
                config(160, standard, RULES, ALL),
                config(420, standard, RULES, WITH_BYTES),
                config(160, new TextRules(Normalization.NFKC, true, true), RULES, ALL),
                config(160, new TextRules(Normalization.IDENTITY, false, true), RULES, ALL),
                config(160, new TextRules(Normalization.NMT_NFKC, false, false), RULES, ALL),
                config(160, standard, new PieceRules(3, true, true, true, false, false, false), ALL),
                config(160, standard, new PieceRules(1, true, true, true, false, false, false), ALL),
                config(160, standard, new PieceRules(16, false, true, true, false, false, false), ALL),
                config(160, standard, new PieceRules(16, true, false, true, false, false, false), ALL),
                config(160, standard, new PieceRules(16, true, true, false, false, false, false), ALL),
                config(160, standard, new PieceRules(16, true, true, true, true, false, false), ALL),
                config(
                        160,
                        new TextRules(Normalization.IDENTITY, true, false),
                        new PieceRules(16, true, true, true, false, true, false),
                        ALL),
                config(160, standard, RULES, new Alphabet(0.98, "", false)),
                config(160, standard, RULES, new Alphabet(0.98, "㍿𠮷龘", false)),
                new BpeConfig(
                        160,
                        true,
                        0,
                        standard,
                        RULES,
                        ALL,
                        new Symbols(List.of("<cls>", "</s>"), List.of("知道", "the"))));
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyOptionGivesThePiecesOfTheObviousTrainer(BpeConfig config) throws IOException {
        List<String> expected = NaiveBpe.train(Sentences.mixed(), config);
        assertThat(pieces(train(Sentences.mixed(), config, 2), config)).isEqualTo(expected);
        // Something was merged, unless the option forbids it.
        boolean merges = expected.stream().anyMatch(piece -> piece.codePointCount(0, piece.length()) > 1);
        assertThat(merges).isEqualTo(config.pieces().maxLength() > 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tiesAndOverlapsAreSettledAsByTheObviousTrainer(long seed) throws IOException {
        for (int options = 0; options < 4; options++) {
            boolean splitSpaces = options < 2;
            boolean countOverlaps = options % 2 == 0;
            BpeConfig config = config(
                    400,
                    TextRules.STANDARD,
                    new PieceRules(16, splitSpaces, true, true, false, false, countOverlaps),
                    ALL);
            List<String> sentences = Sentences.ofTwoLetters(seed);
            assertThat(pieces(train(sentences, config, 2), config)).isEqualTo(NaiveBpe.train(sentences, config));
        }
    }

    @Test
    void theSameBytesOnAnyNumberOfThreads() throws IOException {
        BpeConfig config = config(3000, TextRules.STANDARD, RULES, WITH_BYTES);
        TrainedTokenizer one = train(Sentences.sample(), config, 1);
        for (int threads : new int[] {2, 3, 7}) {
            TrainedTokenizer several = train(Sentences.sample(), config, threads);
            assertThat(several.model()).isEqualTo(one.model());
            assertThat(several.vocabulary()).isEqualTo(one.vocabulary());
        }
        assertThat(one.report().vocabulary()).isEqualTo(3000);
    }

    @Test
    void theOrderOfSentencesDoesNotMatter() throws IOException {
        BpeConfig config = config(3000, TextRules.STANDARD, RULES, WITH_BYTES);
        List<String> shuffled = new ArrayList<>(Sentences.sample());
        Collections.shuffle(shuffled, new Random(3));
        assertThat(pieces(train(shuffled, config, 2), config))
                .isEqualTo(pieces(train(Sentences.sample(), config, 2), config));
    }

    @Test
    void anyTextComesBackWithBytesAndWithoutNormalisation() throws IOException {
        BpeConfig config =
                config(2000, new TextRules(Normalization.IDENTITY, true, false), RULES, new Alphabet(0.99, "", true));
        Path model = folder.resolve("zh.model");
        train(Sentences.sample(), config, 2).save(model);
        Random random = new Random(11);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(2000);
            for (String sentence : Sentences.sample().subList(0, 50)) {
                assertThat(tokenizer.decode(tokenizer.encode(sentence))).isEqualTo(sentence);
            }
            for (int round = 0; round < 300; round++) {
                String text = random.ints(30, 1, 0x11000)
                        .map(point -> point > 0x10000 ? 0x1F300 + point % 0x300 : point)
                        .filter(point -> (point < 0xD800 || point > 0xDFFF) && point != 0x2581)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void theLibrarySegmentsByTheMergesAsTheyAreDefined() throws IOException {
        BpeConfig config = config(3000, TextRules.STANDARD, RULES, WITH_BYTES);
        TrainedTokenizer trained = train(Sentences.sample(), config, 2);
        Path model = folder.resolve("zh.model");
        trained.save(model);
        List<String> pieces = pieces(trained, config);
        Map<String, String> rules = CharacterRules.of(Normalization.NMT_NFKC);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            for (String sentence : Sentences.sample().subList(0, 60)) {
                List<String> expected =
                        NaiveBpe.encode(NaiveNormalizer.normalize(sentence, rules, TextRules.STANDARD), pieces);
                List<String> segments = Arrays.stream(tokenizer.encode(sentence))
                        .mapToObj(tokenizer::piece)
                        .toList();
                if (segments.stream().noneMatch(MetaPieces::isByte)) {
                    assertThat(segments).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void oneCharacterInThreeWordsBecomesThreePieces() throws IOException {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            sentences.add((char) (0x4E10 + i) + "道德" + (char) (0x4F10 + i));
            sentences.add((char) (0x5E10 + i) + "道理" + (char) (0x5F10 + i));
            sentences.add((char) (0x6E10 + i) + "道歉" + (char) (0x6F10 + i));
        }
        BpeConfig config = config(3 + 365 + 3, TextRules.STANDARD, RULES, ALL);
        Path model = folder.resolve("zh.model");
        train(sentences, config, 1).save(model);
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            // A vocabulary of characters has one 道 for all three words.
            assertThat(Stream.of("讲道德", "有道理", "道歉")
                            .map(word -> Arrays.stream(tokenizer.encode(word))
                                    .mapToObj(tokenizer::piece)
                                    .filter(piece -> piece.contains("道"))
                                    .toList()))
                    .allSatisfy(withIt ->
                            assertThat(withIt).hasSize(1).first().asString().hasSizeGreaterThan(1))
                    .doesNotHaveDuplicates();
        }
    }

    /**
     * What byte-pair encoding buys in Chinese: 道 is part of words that have nothing else in common. In a vocabulary of
     * characters each of these words takes two tokens, and one vector for 道 must serve all of them. Merging what stands side
     * by side often, without being told what a word is, gives each of them a token and a vector of its own.
     */
    @Test
    void wordsOfOrdinarySentencesBecomePieces() throws IOException {
        List<String> sentences = List.of(
                "遵守职业道德是每个医生的本分。",
                "社会公德和家庭道德同样重要。",
                "老师给我们讲道德，也给我们讲故事。",
                "一个没有道德的商人走不远。",
                "法律是最低的道德，道德是心里的法律。",
                "这本书谈的是道德与勇气。",
                "他说的话很有道理。",
                "这个道理连孩子都懂。",
                "你先听我讲完道理再生气。",
                "光讲道理没有用，还要做给他看。",
                "天下的道理都要自己走一遍才明白。",
                "爷爷用下棋的道理教我做人。",
                "我应该先向她道歉。",
                "弟弟打碎了花瓶，马上向妈妈道歉。",
                "公司昨天公开道歉，并且退了钱。",
                "道歉不丢人，不认错才丢人。",
                "他写了一封信向朋友道歉。",
                "迟到的人站起来道歉，大家都笑了。",
                "早上下了一场小雨，街上很安静。",
                "妹妹在窗边看书，猫睡在她脚下。",
                "我们坐火车去北京看望外婆。",
                "晚饭以后，他们沿着河边散步。",
                "秋天的苹果又红又甜。",
                "我不知道明天会不会下雪。");
        TextRules text = new TextRules(Normalization.IDENTITY, false, true);
        int characters =
                (int) String.join("", sentences).codePoints().distinct().count();
        Path byWords = folder.resolve("words.model");
        Path byCharacters = folder.resolve("characters.model");
        train(sentences, config(3 + characters + 5, text, RULES, ALL), 1).save(byWords);
        train(sentences, config(3 + characters, text, RULES, ALL), 1).save(byCharacters);
        List<String> words = List.of("道德", "道理", "道歉");
        try (SentencePieceTokenizer merged = SentencePieceTokenizer.open(byWords);
                SentencePieceTokenizer single = SentencePieceTokenizer.open(byCharacters)) {
            assertThat(words.stream().map(word -> pieces(merged, word)))
                    .containsExactly(List.of("道德"), List.of("道理"), List.of("道歉"));
            assertThat(words.stream().map(word -> pieces(single, word)))
                    .containsExactly(List.of("道", "德"), List.of("道", "理"), List.of("道", "歉"));
            assertThat(pieces(merged, "讲道德，有道理，先道歉。")).containsExactly("讲", "道德", "，", "有", "道理", "，", "先", "道歉", "。");
            // A word that is rare here keeps its characters.
            assertThat(pieces(merged, "知道")).containsExactly("知", "道");
        }
    }

    private static List<String> pieces(SentencePieceTokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::piece).toList();
    }

    @Test
    void aSampleIsDrawnByTheSeed() throws IOException {
        Path file = Sentences.write(folder, Sentences.sample());
        BpeConfig config = config(2000, TextRules.STANDARD, RULES, new Alphabet(0.98, "", true));
        List<byte[]> models = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            BpeInput input = new BpeInput(List.of(file), BadRows.FAIL, 100, seed);
            TrainedTokenizer trained = BpeTrainer.train(input, config, null, 2, BpeProgress.NONE);
            assertThat(trained.report().sentences()).isEqualTo(100);
            models.add(trained.model());
        }
        assertThat(models.get(0)).isEqualTo(models.get(1)).isNotEqualTo(models.get(2));
    }

    @Test
    void sentencesThatAreLeftOutAreCounted() throws IOException {
        List<String> sentences = List.of("一二三四五六", "一二三", "一\u2585", "", "   ", "一二");
        BpeConfig config = new BpeConfig(10, true, 10, TextRules.STANDARD, RULES, ALL, Symbols.NONE);
        BpeReport report = train(sentences, config, 1).report();
        assertThat(report.sentences()).isEqualTo(2);
        assertThat(report.longSentences()).isEqualTo(1);
        assertThat(report.reservedSentences()).isEqualTo(1);
    }

    @Test
    void aDocumentOfSeveralLinesIsSeveralSentences() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{\"text\": \"一二\\n一二\"}\n{\"text\": \"一二\"}\n");
        BpeConfig config = config(8, TextRules.STANDARD, RULES, ALL);
        TrainedTokenizer trained = BpeTrainer.train(BpeInput.all(List.of(rows)), config, null, 1, BpeProgress.NONE);
        assertThat(trained.report().sentences()).isEqualTo(3);
        assertThat(pieces(trained, config)).containsExactly("▁一", "▁一二", "▁", "一", "二");
    }

    @Test
    void aTextWithoutSentencesIsRefused() throws IOException {
        assertThatThrownBy(() -> train(List.of("", "  "), BpeConfig.standard(100), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nothing to train on")
                .hasMessageContaining("sentences.txt");
    }

    @Test
    void aVocabularyWithoutRoomForTheCharactersIsRefused() {
        assertThatThrownBy(() -> train(List.of("一二三四"), BpeConfig.standard(7), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--vocabulary 7 has no room for 5 characters and 3 pieces")
                .hasMessageContaining("at least 8");
    }

    @Test
    void aVocabularyThatTheTextDoesNotYieldIsRefusedOrSmaller() throws IOException {
        assertThatThrownBy(() -> train(List.of("一二三四"), BpeConfig.standard(100), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no more than 12 pieces")
                .hasMessageContaining("--soft-limit");
        BpeConfig soft = config(100, TextRules.STANDARD, RULES, ALL);
        assertThat(train(List.of("一二三四"), soft, 1).report().vocabulary()).isEqualTo(12);
    }

    @Test
    void badUtf8IsNamedByFileLineAndByte() throws IOException {
        Path file = folder.resolve("bad.txt");
        byte[] good = "一二\n".getBytes(UTF_8);
        byte[] bytes = Arrays.copyOf(good, good.length + 2);
        bytes[good.length] = 'x';
        bytes[good.length + 1] = (byte) 0xFF;
        Files.write(file, bytes);
        assertThatThrownBy(() -> BpeTrainer.train(
                        BpeInput.all(List.of(file)), BpeConfig.standard(100), null, 2, BpeProgress.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("bad.txt, line 2, byte 8: invalid UTF-8 (byte 0xFF)");
    }

    @Test
    void wrongOptionsAreAllNamedAtOnce() {
        BpeConfig wrong = new BpeConfig(
                0,
                false,
                3,
                TextRules.STANDARD,
                new PieceRules(0, true, true, true, false, false, false),
                new Alphabet(0.5, "a b", true),
                new Symbols(List.of("<unk>", "<0x41>"), List.of("x", "x")));
        assertThatThrownBy(wrong::requireValid)
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(
                        "--vocabulary 0",
                        "--max-sentence-bytes 3",
                        "--character-coverage 0.5",
                        "--required-characters",
                        "--max-piece-length 0",
                        "<unk> is there already",
                        "<0x41> is the name of a byte piece",
                        "the symbol x is given twice");
    }

    @Test
    void symbolsOfOneCharacterThatNoModelCanHaveAreRefused() {
        BpeConfig wrong = new BpeConfig(
                100,
                false,
                0,
                TextRules.STANDARD,
                RULES,
                new Alphabet(1, "道𠮷", false),
                new Symbols(List.of("今"), List.of("𠮷", "德")));
        assertThatThrownBy(wrong::requireValid)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--control-symbol 今 is a single character")
                .hasMessageContaining("--required-characters has 𠮷")
                .hasMessageNotContaining("德");
    }

    @Test
    void aSampleDoesNotDependOnTheThreads() throws IOException {
        Path file = Sentences.write(folder, Sentences.sample());
        BpeInput input = new BpeInput(List.of(file), BadRows.FAIL, 300, 7);
        BpeConfig config = config(2000, TextRules.STANDARD, RULES, new Alphabet(0.98, "", true));
        byte[] one = BpeTrainer.train(input, config, null, 1, BpeProgress.NONE).model();
        assertThat(BpeTrainer.train(input, config, null, 5, BpeProgress.NONE).model())
                .isEqualTo(one);
    }

    @Test
    void aModelIsReplacedWholeOrNotAtAll() throws IOException {
        BpeConfig config = config(2000, TextRules.STANDARD, RULES, new Alphabet(0.98, "", true));
        TrainedTokenizer trained = train(Sentences.sample(), config, 2);
        Path model = Files.writeString(folder.resolve("zh.model"), "old");
        trained.save(model);
        assertThat(Files.readAllBytes(model)).isEqualTo(trained.model());
        assertThat(folder.resolve("zh.vocab")).hasContent(trained.vocabulary());
        Path blocked = folder.resolve("other.model");
        Files.createDirectories(blocked.resolve("inside"));
        assertThatThrownBy(() -> trained.save(blocked)).isInstanceOf(InputException.class);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("sentences.txt", "zh.model", "zh.vocab", "other.model", "other.vocab");
        }
        assertThatThrownBy(() -> TrainedTokenizer.vocabularyBeside(folder.resolve("zh")))
                .hasMessageContaining("must end in .model");
        assertThatThrownBy(() -> TrainedTokenizer.vocabularyBeside(
                        folder.resolve("missing").resolve("zh.model")))
                .hasMessageContaining("the folder does not exist");
    }

    @Test
    void whatAKilledRunLeftIsRemovedByTheNext() throws IOException {
        TrainedTokenizer trained = train(List.of("一二三四"), config(100, TextRules.STANDARD, RULES, ALL), 1);
        long runs = ProcessHandle.current().parent().orElseThrow().pid();
        String ofARunningProcess = ".zh.model." + runs;
        // No system numbers its processes so high.
        for (String left : List.of(
                ".zh.model.2147483647", ".zh.vocab.2147483647", ofARunningProcess, ".zh.model.txt", "zh.model.7")) {
            Files.writeString(folder.resolve(left), "half");
        }
        trained.save(folder.resolve("zh.model"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "sentences.txt", "zh.model", "zh.vocab", ofARunningProcess, ".zh.model.txt", "zh.model.7");
        }
    }
}
