package io.github.gptmoe.eval;

import java.util.List;

/**
 * What a model wrote.
 *
 * @param prompt the text it was given
 * @param text the text it added, decoded; bytes that form no character are U+FFFD
 * @param tokens the added pieces as they stand in the vocabulary, U+2581 for spaces included
 * @param ids their ids, without the end of the document
 * @param stop why it ended
 */
public record GeneratedText(String prompt, String text, List<String> tokens, List<Integer> ids, Stop stop) {
    /** Why a text ended. */
    public enum Stop {
        /** The model ended the document. */
        END_OF_DOCUMENT,
        /** As many tokens as were asked for. */
        TOKENS,
        /** The model cannot look at more tokens. */
        CONTEXT
    }

    /**
     * Copies the lists.
     *
     * @param prompt the text it was given
     * @param text the text it added
     * @param tokens the added pieces
     * @param ids their ids
     * @param stop why it ended
     */
    public GeneratedText {
        tokens = List.copyOf(tokens);
        ids = List.copyOf(ids);
    }
}
