package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Hashes;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which rules clean, with which limits. The sections are the rules in the order in which they are applied: first those that change
 * characters, then those that change lines, then those that judge what is left.
 *
 * @param encoding mojibake and replacement characters
 * @param html tags and character references
 * @param controls characters without a shape
 * @param unicode normal form and width
 * @param simplified traditional to simplified characters; off by default
 * @param masks addresses and numbers of persons
 * @param boilerplate lines of pages
 * @param sentences lines that end no sentence; off by default
 * @param whitespace superfluous space
 * @param length characters and lines
 * @param composition kinds of characters and lines
 * @param entropy variety of characters
 * @param language share of Chinese
 * @param repetition lines, paragraphs and n-grams that occur again
 * @param profanity words of lists
 * @param samples documents shown in the report for each rule, the first ones in the order of the files; default 5
 */
public record CleanConfig(
        EncodingRule encoding,
        HtmlRule html,
        ControlRule controls,
        UnicodeRule unicode,
        SimplifiedRule simplified,
        MaskRule masks,
        BoilerplateRule boilerplate,
        SentenceRule sentences,
        WhitespaceRule whitespace,
        LengthRule length,
        CompositionRule composition,
        EntropyRule entropy,
        LanguageRule language,
        RepetitionRule repetition,
        ProfanityRule profanity,
        Integer samples)
        implements Serializable {
    /** Goes up when a rule does something else with the same values, so that older outputs are made again. */
    private static final int RULES_VERSION = 1;

    private static final int DEFAULT_SAMPLES = 5;
    private static final int MOST_SAMPLES = 1000;

    /**
     * Fills in defaults.
     *
     * @param encoding as above
     * @param html as above
     * @param controls as above
     * @param unicode as above
     * @param simplified as above
     * @param masks as above
     * @param boilerplate as above
     * @param sentences as above
     * @param whitespace as above
     * @param length as above
     * @param composition as above
     * @param entropy as above
     * @param language as above
     * @param repetition as above
     * @param profanity as above
     * @param samples as above
     */
    @SuppressWarnings("NullAway") // null asks a section for its defaults
    public CleanConfig {
        encoding = encoding == null ? new EncodingRule(null, null, null) : encoding;
        html = html == null ? new HtmlRule(null, null) : html;
        controls = controls == null ? new ControlRule(null, null) : controls;
        unicode = unicode == null ? new UnicodeRule(null, null, null) : unicode;
        simplified = simplified == null ? new SimplifiedRule(null) : simplified;
        masks = masks == null ? new MaskRule(null, null, null, null, null, null) : masks;
        boilerplate = boilerplate == null ? new BoilerplateRule(null, null, null) : boilerplate;
        sentences = sentences == null ? new SentenceRule(null, null) : sentences;
        whitespace = whitespace == null ? new WhitespaceRule(null, null) : whitespace;
        length = length == null ? new LengthRule(null, null, null, null) : length;
        composition = composition == null
                ? new CompositionRule(null, null, null, null, null, null, null, null, null)
                : composition;
        entropy = entropy == null ? new EntropyRule(null, null, null) : entropy;
        language = language == null ? new LanguageRule(null, null, null) : language;
        repetition =
                repetition == null ? new RepetitionRule(null, null, null, null, null, null, null, null) : repetition;
        profanity = profanity == null ? new ProfanityRule(null, null, null) : profanity;
        samples = Objects.requireNonNullElse(samples, DEFAULT_SAMPLES);
    }

    /**
     * The configuration of an empty file.
     *
     * @return all defaults
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static CleanConfig defaults() {
        return new CleanConfig(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /**
     * The settings of all rules.
     *
     * @return key of the section to its settings, in the order of application, those that are off too
     */
    public Map<String, RuleSettings> rules() {
        Map<String, RuleSettings> rules = new LinkedHashMap<>();
        rules.put("encoding", encoding);
        rules.put("html", html);
        rules.put("controls", controls);
        rules.put("unicode", unicode);
        rules.put("simplified", simplified);
        rules.put("masks", masks);
        rules.put("boilerplate", boilerplate);
        rules.put("sentences", sentences);
        rules.put("whitespace", whitespace);
        rules.put("length", length);
        rules.put("composition", composition);
        rules.put("entropy", entropy);
        rules.put("language", language);
        rules.put("repetition", repetition);
        rules.put("profanity", profanity);
        return rules;
    }

    /**
     * Everything wrong with this configuration. No file is touched.
     *
     * @return key from the top of the file, such as {@code length.minimumCharacters}, to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new LinkedHashMap<>();
        rules().forEach((name, rule) ->
                rule.problems().forEach((key, problem) -> problems.put(name + "." + key, problem)));
        if (samples < 0 || samples > MOST_SAMPLES) {
            problems.put("samples", "is " + samples + "; it must lie between 0 and " + MOST_SAMPLES);
        }
        return problems;
    }

    /**
     * A digest of all that decides the result of cleaning.
     *
     * @return hexadecimal digits, equal for equal rules, limits and words of lists
     * @throws io.github.gptmoe.data.InputException if a list cannot be read
     */
    public String digest() {
        return Hashes.sha256(String.join("\n", identity()).getBytes(UTF_8));
    }

    /**
     * What decides the result of cleaning.
     *
     * @return every value of every rule that is on, and the words of the lists they name
     */
    List<String> identity() {
        List<String> identity = new ArrayList<>(List.of("rules " + RULES_VERSION));
        rules().forEach((name, rule) -> {
            if (rule.enabled()) {
                identity.add(name + " " + rule);
            }
        });
        if (profanity.enabled()) {
            identity.addAll(profanity.words());
        }
        return identity;
    }
}
