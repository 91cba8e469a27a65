package io.github.gptmoe.data;

/**
 * Text to ids and back. Implementations allow {@link #encode} and {@link #decode} from several threads at once;
 * {@link #close} must not overlap with them.
 */
public interface Tokenizer extends AutoCloseable {
    /**
     * Returns V, the number of ids.
     *
     * @return ids run from 0 to this number, excluded
     */
    int vocabularySize();

    /**
     * Splits a text into tokens. No begin or end markers are added.
     *
     * @param text any text
     * @return the ids; empty for an empty text
     */
    int[] encode(String text);

    /**
     * Splits a text that directly follows other text into tokens: nothing is put before it, and spaces at both its ends
     * count. For a text a that is not empty and that {@code encode} keeps as it is, {@code decode(encode(a) ++
     * encodeContinuation(b))} is a + b, as far as the model keeps b (its normalizer may join spaces or change characters).
     * These need not be the tokens of {@code encode(a + b)}: none reaches over the border.
     *
     * @param text any text
     * @return the ids; empty for an empty text
     * @throws InputException if the model cannot encode a text apart from what surrounds it
     */
    int[] encodeContinuation(String text);

    /**
     * Joins tokens to text. Byte tokens that do not form valid UTF-8 become U+FFFD; control tokens vanish.
     *
     * @param ids ids below {@link #vocabularySize()}
     * @return the text
     * @throws IllegalArgumentException if an id is out of range
     */
    String decode(int[] ids);

    /**
     * Returns the vocabulary entry of an id as it stands in the model, U+2581 for spaces included.
     *
     * @param id an id below {@link #vocabularySize()}
     * @return the entry
     * @throws IllegalArgumentException if the id is out of range
     */
    String piece(int id);

    /**
     * Returns the id that ends every document in a token stream.
     *
     * @return the id of {@code </s>} if the model has it, else that of {@code <unk>}
     */
    int endOfDocument();

    /**
     * Returns the id that stands for what the model has no tokens for.
     *
     * @return the id of {@code <unk>}, or -1 if every text can be encoded without such an id
     */
    default int unknownId() {
        return -1;
    }

    /**
     * Returns a hash over everything that decides the ids.
     *
     * @return a hexadecimal string, equal for equal models
     */
    String fingerprint();

    @Override
    void close();
}
