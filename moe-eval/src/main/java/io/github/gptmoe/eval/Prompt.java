package io.github.gptmoe.eval;

import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.Decoding.Continued;
import io.github.gptmoe.eval.Decoding.Limits;
import io.github.gptmoe.eval.GeneratedText.Stop;
import java.util.Arrays;
import java.util.List;

/**
 * A text to continue.
 *
 * @param number its place among the prompts, from 0
 * @param text as given
 * @param given its tokens; none for an empty text
 * @param context what the model is given: these tokens, or the end of a document, which a new one follows
 * @param limits where its continuation stops
 * @param contextIsLimit whether that is where the model can look at no more, rather than where the caller wants to stop
 */
record Prompt(
        int number, String text, List<Integer> given, List<Integer> context, Limits limits, boolean contextIsLimit) {

    /** Encodes a text; {@code longest} is the model's sequence length, which the context must not exceed. */
    static Prompt of(int number, String text, Tokenizer tokenizer, int tokens, int longest) {
        List<Integer> given = Arrays.stream(tokenizer.encode(text)).boxed().toList();
        List<Integer> context = given.isEmpty() ? List.of(tokenizer.endOfDocument()) : given;
        // The last token is chosen but never given to the model.
        int room = Math.max(0, longest - context.size() + 1);
        return new Prompt(
                number,
                text,
                given,
                context,
                new Limits(Math.min(tokens, room), tokenizer.endOfDocument()),
                tokens > room);
    }

    /** Most tokens that the model is given. */
    int capacity() {
        return context.size() + limits.tokens() - 1;
    }

    /** The context's ids. */
    int[] ids() {
        return context.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The result, with the text that the tokens stand for. */
    GeneratedText result(Continued continued, String added, Tokenizer tokenizer) {
        Stop stop = continued.ended() ? Stop.END_OF_DOCUMENT : contextIsLimit ? Stop.CONTEXT : Stop.TOKENS;
        return new GeneratedText(
                text, added, continued.ids().stream().map(tokenizer::piece).toList(), continued.ids(), stop);
    }
}
