package io.github.gptmoe.eval;

import io.github.gptmoe.data.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns tokens into text as they come. A character whose bytes are spread over several tokens appears with the last of
 * them; joined, the parts are the decoded whole.
 */
final class TextStream {
    private static final char UNDECODABLE = '\uFFFD';

    private final Tokenizer tokenizer;
    private final List<Integer> ids;
    private final String context;
    private String shown;

    /** Starts after the tokens of a prompt, which decide about the space at the seam. */
    TextStream(Tokenizer tokenizer, List<Integer> prompt) {
        this.tokenizer = tokenizer;
        ids = new ArrayList<>(prompt);
        context = certain(decoded());
        shown = context;
    }

    /** Takes a token and returns the text that has become certain, often one piece, sometimes nothing. */
    String add(int id) {
        ids.add(id);
        return show(certain(decoded()));
    }

    /** Returns what is left: bytes that never became a character, as U+FFFD. */
    String finish() {
        return show(decoded());
    }

    /** Takes many tokens at once, with what is left of them. */
    String finish(List<Integer> more) {
        ids.addAll(more);
        return finish();
    }

    /** Everything returned so far. */
    String text() {
        return shown.substring(context.length());
    }

    private String show(String text) {
        String fresh = text.substring(shown.length());
        shown = text;
        return fresh;
    }

    private String decoded() {
        return tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Without an end that further bytes may change. */
    private static String certain(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == UNDECODABLE) {
            end--;
        }
        return text.substring(0, end);
    }
}
