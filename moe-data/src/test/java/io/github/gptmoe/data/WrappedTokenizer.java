package io.github.gptmoe.data;

/** Characters as tokens; what implements this adds something to the encoding. */
interface WrappedTokenizer extends Tokenizer {
    CharTokenizer characters();

    @Override
    default int[] encodeContinuation(String text) {
        return encode(text);
    }

    @Override
    default String decode(int[] ids) {
        return characters().decode(ids);
    }

    @Override
    default String piece(int id) {
        return characters().piece(id);
    }

    @Override
    default int vocabularySize() {
        return characters().vocabularySize();
    }

    @Override
    default int endOfDocument() {
        return characters().endOfDocument();
    }

    @Override
    default String fingerprint() {
        return characters().fingerprint();
    }

    @Override
    default void close() {}
}
