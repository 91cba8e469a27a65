package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A document as ids, without the end-of-document id. {@code hash} is taken over the UTF-8 bytes of the text. */
@SuppressWarnings("ArrayRecordComponent") // Passed from the encoder to the writer, never compared.
record EncodedDocument(int[] ids, long hash, long textBytes, long textCharacters) {

    static EncodedDocument of(Document document, Tokenizer tokenizer) {
        String text = document.text();
        int[] ids;
        try {
            ids = tokenizer.encode(text);
        } catch (RuntimeException failed) {
            throw InputException.environment(
                    where(document) + "the tokenizer failed on this document (" + failed.getMessage()
                            + "); shorten or remove it",
                    failed);
        }
        for (int id : ids) {
            if (id < 0 || id >= tokenizer.vocabularySize()) {
                throw InputException.environment(where(document) + "the tokenizer gave id " + id
                        + ", its model has only " + tokenizer.vocabularySize() + " pieces; copy the model again");
            }
        }
        byte[] bytes = text.getBytes(UTF_8);
        return new EncodedDocument(ids, Hashes.hash64(bytes), bytes.length, text.codePointCount(0, text.length()));
    }

    boolean inValidation(double fraction) {
        return inValidation(hash, fraction);
    }

    /** The same of a text that need not be encoded for it. */
    static boolean inValidation(String text, double fraction) {
        return fraction > 0 && inValidation(Hashes.hash64(text.getBytes(UTF_8)), fraction);
    }

    /** Takes the hash for a number in [0, 1) and compares it with the fraction. */
    static boolean inValidation(long hash, double fraction) {
        return (hash >>> 11) * 0x1p-53 < fraction;
    }

    private static String where(Document document) {
        return Document.place(document.file(), document.line(), document.byteOffset());
    }
}
