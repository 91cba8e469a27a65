package io.github.gptmoe.data;

/** One id for each UTF-16 unit, shifted by one; id 0 ends documents. Fails on texts with the word BROKEN. */
record CharTokenizer(int vocabularySize) implements Tokenizer {
    @Override
    public int[] encode(String text) {
        if (text.contains("BROKEN")) {
            throw new IllegalArgumentException("cannot encode this");
        }
        return text.chars().map(unit -> unit + 1).toArray();
    }

    @Override
    public int[] encodeContinuation(String text) {
        return encode(text);
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append((char) (id - 1));
        }
        return text.toString();
    }

    @Override
    public String piece(int id) {
        return String.valueOf((char) (id - 1));
    }

    @Override
    public int endOfDocument() {
        return 0;
    }

    @Override
    public String fingerprint() {
        return "characters-" + vocabularySize;
    }

    @Override
    public void close() {}
}
