package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Drops documents with too many words of lists that the user names: a word a line, UTF-8, {@code #} begins a remark.
 *
 * <p>Source: ChineseWebText drops above 0.5 such words a line; C4 and CLUECorpus2020 drop documents with any ({@code maximumPerLine: 0}).
 * No list is part of this project.
 *
 * @param enabled whether the rule is applied; default true, which means nothing without files
 * @param files lists of words; default none
 * @param maximumPerLine the most words for each line, on average over the document; default 0.5
 */
public record ProfanityRule(Boolean enabled, List<String> files, Double maximumPerLine) implements RuleSettings {

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param files as above
     * @param maximumPerLine as above
     */
    public ProfanityRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        files = files == null ? List.of() : List.copyOf(files);
        maximumPerLine = Objects.requireNonNullElse(maximumPerLine, 0.5);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .require(
                        maximumPerLine >= 0 && Double.isFinite(maximumPerLine),
                        "maximumPerLine",
                        "is " + maximumPerLine + "; it must be at least 0")
                .require(
                        files.stream().noneMatch(String::isBlank),
                        "files",
                        "has an empty entry; remove it or name a file of words")
                .problems();
    }

    @Override
    public CleaningRule rule() {
        List<String> words = words();
        if (words.isEmpty()) {
            return RuleOutcome::keep;
        }
        WordFinder finder = new WordFinder(words);
        return text -> apply(text, finder);
    }

    /**
     * Reads the lists.
     *
     * @return all words, in their order
     * @throws InputException if a file cannot be read
     */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        for (String file : files) {
            try {
                for (String line : Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)) {
                    String word = line.strip();
                    if (!word.isEmpty() && !word.startsWith("#")) {
                        words.add(word);
                    }
                }
            } catch (IOException unreadable) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "profanity.files: " + file + " cannot be read as UTF-8 text ("
                                + unreadable.getClass().getSimpleName() + "); correct the path or save it as UTF-8",
                        unreadable);
            }
        }
        return words;
    }

    private RuleOutcome apply(String text, WordFinder finder) {
        int found = finder.count(text);
        double perLine = (double) found / Math.max(1, Lines.filled(text).size());
        return perLine > maximumPerLine
                ? RuleOutcome.drop(Limits.said("listed words for each line", perLine, maximumPerLine))
                : RuleOutcome.keep(text);
    }
}
