package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TextLines;
import io.github.gptmoe.data.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Lines of text to lines of tokens and back, on several threads, in order. A line of tokens has ids, or pieces as they stand
 * in the vocabulary, with spaces between them.
 */
public final class TokenLines implements AutoCloseable {
    private static final int BATCH_CHARACTERS = 1 << 16;
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private final Tokenizer tokenizer;
    private final Workers workers;

    /**
     * Makes a converter.
     *
     * @param tokenizer used by several threads; stays the caller's, and must outlive this object
     * @param threads at least 1
     */
    public TokenLines(Tokenizer tokenizer, int threads) {
        this.tokenizer = tokenizer;
        this.workers = new Workers(threads);
    }

    /** What a line of tokens has. */
    public enum Form {
        /** Numbers. */
        IDS,
        /** Vocabulary entries, U+2581 for spaces. */
        PIECES
    }

    /**
     * Encodes lines.
     *
     * @param lines the text
     * @param form what to write
     * @param out takes many lines at once, in order, each with a line feed
     */
    public void encode(TextLines lines, Form form, Consumer<CharSequence> out) {
        convert(lines, false, form == Form.IDS ? this::ids : this::pieces, out);
    }

    /**
     * Decodes lines of ids.
     *
     * @param lines ids with white space between them
     * @param out takes many lines at once, in order, each with a line feed
     * @throws InputException if something is no id of the model
     */
    public void decode(TextLines lines, Consumer<CharSequence> out) {
        convert(lines, true, this::text, out);
    }

    /** A line and, where messages may need it, where it is. */
    private record Line(String text, String place) {}

    private void convert(
            TextLines lines, boolean places, Function<Line, CharSequence> each, Consumer<CharSequence> out) {
        Deque<Future<StringBuilder>> running = new ArrayDeque<>();
        List<Line> batch = new ArrayList<>();
        int characters = 0;
        for (String next = lines.next(); next != null; next = lines.next()) {
            batch.add(new Line(next, places ? lines.place() : ""));
            characters += next.length() + 1;
            if (characters >= BATCH_CHARACTERS) {
                running.add(submit(batch, each));
                batch = new ArrayList<>();
                characters = 0;
                while (running.size() > 2 * workers.count()) {
                    out.accept(Workers.join(running.remove()));
                }
            }
        }
        running.add(submit(batch, each));
        while (!running.isEmpty()) {
            out.accept(Workers.join(running.remove()));
        }
    }

    private Future<StringBuilder> submit(List<Line> batch, Function<Line, CharSequence> each) {
        return workers.submit(() -> {
            StringBuilder converted = new StringBuilder(BATCH_CHARACTERS);
            batch.forEach(line -> converted.append(each.apply(line)).append('\n'));
            return converted;
        });
    }

    private CharSequence ids(Line line) {
        StringBuilder ids = new StringBuilder();
        for (int id : tokenizer.encode(line.text())) {
            ids.append(ids.length() == 0 ? "" : " ").append(id);
        }
        return ids;
    }

    private CharSequence pieces(Line line) {
        StringBuilder pieces = new StringBuilder();
        for (int id : tokenizer.encode(line.text())) {
            pieces.append(pieces.length() == 0 ? "" : " ").append(tokenizer.piece(id));
        }
        return pieces;
    }

    private CharSequence text(Line line) {
        String numbers = line.text().strip();
        if (numbers.isEmpty()) {
            return "";
        }
        String[] words = SPACES.split(numbers, 0);
        int[] ids = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            ids[i] = id(words[i], line);
        }
        return tokenizer.decode(ids);
    }

    private int id(String word, Line line) {
        int id = -1;
        try {
            // Integer.parseInt would also take a sign, and the digits of other scripts.
            id = word.chars().allMatch(digit -> digit >= '0' && digit <= '9') ? Integer.parseInt(word) : -1;
        } catch (NumberFormatException noNumber) {
            // Reported below, like a number out of range.
        }
        if (id < 0 || id >= tokenizer.vocabularySize()) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    line.place() + "\"" + word + "\" is no id of this model; ids run from 0 to "
                            + (tokenizer.vocabularySize() - 1) + ", with spaces between them");
        }
        return id;
    }

    @Override
    public void close() {
        workers.close();
    }
}
