package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against SentencePiece's programs. Tests are skipped, and say so, where those are not installed. */
class SentencePieceParityTest {
    private static final boolean OVERLAPS = Programs.isSentencePieceFrom(0, 1, 99);
    private static final PieceRules RULES = new PieceRules(16, true, true, true, false, false, OVERLAPS);

    @TempDir
    Path folder;

    private static BpeConfig config(int vocabulary, TextRules text, PieceRules pieces, Alphabet alphabet) {
        return new BpeConfig(vocabulary, false, 0, text, pieces, alphabet, Symbols.NONE);
    }

    static Stream<Arguments> options() {
        TextRules text = TextRules.STANDARD;
        PieceRules pieces = RULES;
        Alphabet bytes = new Alphabet(0.9995, "", true);
        return Stream.of(
                Arguments.of(config(3000, text, pieces, Alphabet.STANDARD), ""),
                Arguments.of(config(3000, text, pieces, bytes), "--byte_fallback=true"),
                Arguments.of(
                        config(3000, new TextRules(Normalization.NFKC, true, true), pieces, bytes),
                        "--byte_fallback=true --normalization_rule_name=nfkc"),
                Arguments.of(
                        config(3000, new TextRules(Normalization.IDENTITY, false, false), pieces, bytes),
                        "--byte_fallback=true --normalization_rule_name=identity --add_dummy_prefix=false"
                                + " --remove_extra_whitespaces=false"),
                Arguments.of(
                        config(3000, text, new PieceRules(3, true, true, true, false, false, OVERLAPS), bytes),
                        "--byte_fallback=true --max_sentencepiece_length=3"),
                Arguments.of(
                        config(3000, text, new PieceRules(16, false, false, true, false, false, OVERLAPS), bytes),
                        "--byte_fallback=true --split_by_whitespace=false --split_by_unicode_script=false"),
                Arguments.of(
                        config(3000, text, new PieceRules(16, true, true, false, true, false, OVERLAPS), bytes),
                        "--byte_fallback=true --split_by_number=false --split_digits=true"),
                Arguments.of(
                        config(2500, text, pieces, new Alphabet(0.98, "龘", false)),
                        "--character_coverage=0.98 --required_chars=龘"),
                Arguments.of(
                        new BpeConfig(
                                3000,
                                false,
                                0,
                                text,
                                pieces,
                                bytes,
                                new Symbols(List.of("<cls>", "</s>"), List.of("今天", "什么"))),
                        "--byte_fallback=true --control_symbols=<cls>,</s> --user_defined_symbols=今天,什么"));
    }

    /** The sample and, with other scripts, numbers and normalisation, what is made up. */
    private List<String> sentences() throws IOException {
        List<String> sentences = new ArrayList<>(Sentences.sample());
        sentences.addAll(Sentences.mixed());
        sentences.add("龘"); // So rare that only --required_chars brings it in.
        return sentences;
    }

    private Path theirs(List<String> sentences, int vocabulary, String options) throws Exception {
        Path text = Sentences.write(folder, sentences);
        List<String> call = new ArrayList<>(List.of(
                "--input=" + text,
                "--model_prefix=" + folder.resolve("theirs"),
                "--model_type=bpe",
                "--vocab_size=" + vocabulary,
                "--max_sentence_length=20000",
                "--num_threads=2"));
        Arrays.stream(options.split(" ", 0)).filter(word -> !word.isEmpty()).forEach(call::add);
        Programs.run(text, folder.resolve("out"), "spm_train", call.toArray(String[]::new));
        return folder.resolve("theirs.model");
    }

    private Path ours(List<String> sentences, BpeConfig config) throws IOException {
        Path model = folder.resolve("ours.model");
        Path text = Sentences.write(folder, sentences);
        BpeTrainer.train(BpeInput.all(List.of(text)), config, null, 2, BpeProgress.NONE)
                .save(model);
        return model;
    }

    @ParameterizedTest
    @MethodSource("options")
    void theVocabularyIsTheSame(BpeConfig config, String options) throws Exception {
        Programs.require("spm_train");
        theirs(sentences(), config.vocabulary(), options);
        ours(sentences(), config);
        List<String> mine = Files.readAllLines(folder.resolve("ours.vocab"));
        List<String> expected = Files.readAllLines(folder.resolve("theirs.vocab"));
        assertThat(mine).isEqualTo(expected);
    }

    private List<String> vocabulary(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name)).stream()
                .map(line -> line.substring(0, line.indexOf('\t')))
                .toList();
    }

    @Test
    void whatTheTextYieldsIsTheSameBeforeTheirsFillsUp() throws Exception {
        Programs.require("spm_train");
        List<String> sentences = Sentences.mixed();
        Alphabet all = new Alphabet(1, "", false);
        ours(sentences, new BpeConfig(5000, true, 0, TextRules.STANDARD, RULES, all, Symbols.NONE));
        List<String> mine = vocabulary("ours.vocab");
        int further = 20;
        theirs(sentences, mine.size() + further, "--character_coverage=1.0");
        List<String> filledUp = vocabulary("theirs.vocab");
        long characters = mine.stream()
                .filter(piece -> piece.codePointCount(0, piece.length()) == 1)
                .count();
        int merged = mine.size() - (int) characters;
        assertThat(filledUp).hasSize(mine.size() + further);
        assertThat(filledUp.subList(0, merged)).isEqualTo(mine.subList(0, merged));
        assertThat(filledUp.subList(merged + further, filledUp.size())).isEqualTo(mine.subList(merged, mine.size()));
    }

    @Test
    void theirEncoderReadsTheModelAndSegmentsAsWithTheirOwn() throws Exception {
        Programs.require("spm_encode");
        BpeConfig config = config(3000, TextRules.STANDARD, RULES, new Alphabet(0.9995, "", true));
        Path theirs = theirs(sentences(), 3000, "--byte_fallback=true");
        Path ours = ours(sentences(), config);
        List<String> text = new ArrayList<>(sentences());
        text.addAll(List.of("龘靐齉爩 𠮷𡈽 rare", "😀👨‍👩‍👧‍👦", "ﬁ ½ Å ｶﾞ ㌀ ﷺ", "\u0001a\u200bb\u2028c", "~～"));
        Path input = Sentences.write(folder, text);
        Path withTheirs = folder.resolve("with-theirs");
        Path withOurs = folder.resolve("with-ours");
        Programs.run(input, withTheirs, "spm_encode", "--model=" + theirs, "--output_format=id");
        Programs.run(input, withOurs, "spm_encode", "--model=" + ours, "--output_format=id");
        assertThat(Files.readAllLines(withOurs)).isEqualTo(Files.readAllLines(withTheirs));
        // The library that DJL brings is a later version.
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(ours)) {
            List<String> ids = text.stream()
                    .map(line -> Arrays.stream(tokenizer.encode(line))
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(" ")))
                    .toList();
            assertThat(ids).isEqualTo(Files.readAllLines(withOurs));
        }
        Path decoded = folder.resolve("decoded");
        Programs.run(withOurs, decoded, "spm_decode", "--model=" + ours, "--input_format=id");
        Map<String, String> rules = CharacterRules.of(Normalization.NMT_NFKC);
        List<String> normalized = text.stream()
                .map(line -> NaiveNormalizer.normalize(line, rules, TextRules.STANDARD))
                .map(line -> line.replace('\u2581', ' ').strip())
                .toList();
        assertThat(Files.readAllLines(decoded)).isEqualTo(normalized);
    }

    @ParameterizedTest
    @EnumSource(names = {"NMT_NFKC", "NFKC"})
    void theRulesOfNormalisationAreTheSame(Normalization normalization) throws Exception {
        Programs.require("spm_normalize");
        Path table = folder.resolve("rules.tsv");
        Programs.run(
                Files.writeString(folder.resolve("empty"), ""),
                folder.resolve("out"),
                "spm_normalize",
                "--decompile",
                "--normalization_rule_name=" + normalization.modelName(),
                "--output=" + table);
        Map<String, String> theirs = new HashMap<>();
        for (String line : Files.readString(table, UTF_8).split("\n", 0)) {
            String[] fields = line.split("\t", -1);
            String key = text(fields[0]);
            // A later SentencePiece may know characters that this Java does not.
            if (key.codePoints().allMatch(Character::isDefined)) {
                theirs.put(key, text(fields[1]));
            }
        }
        Map<String, String> ours = CharacterRules.of(normalization);
        // A later Java knows later characters; rules that SentencePiece has must be there on every one.
        assertThat(ours).containsAllEntriesOf(theirs);
        if (Runtime.version().feature() == 17) {
            assertThat(ours).hasSameSizeAs(theirs);
        }
    }

    private static String text(String hexadecimal) {
        return Arrays.stream(hexadecimal.split(" ", 0))
                .filter(code -> !code.isEmpty())
                .map(code -> Character.toString(Integer.parseInt(code, 16)))
                .collect(Collectors.joining());
    }
}
