package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A short token stream in memory. */
@SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
record HeldTokens(String name, int[] ids, long textBytes, String files) implements TokenStream {
    private static final int NAMED_FILES = 3;

    /**
     * Reads the validation documents in the order of the files, until there are as many tokens as are needed: the first of those
     * that packing everything would give.
     *
     * @param files where they are
     * @param config {@code badRows}
     * @param fraction share of the documents that are validation, by their hash; 1 takes all
     * @param needed tokens, after which reading stops
     */
    static HeldTokens ofValidation(
            List<Path> files, DataConfig config, double fraction, Tokenizer tokenizer, long needed) {
        TokenList ids = new TokenList();
        long bytes = 0;
        long documents = 0;
        try (DocumentReader reader = DocumentReader.open(files, BadRows.of(config.badRows()))) {
            for (Document next = reader.next(); next != null && ids.size() < needed; next = reader.next()) {
                documents++;
                if (fraction >= 1 || EncodedDocument.inValidation(next.text(), fraction)) {
                    EncodedDocument encoded = EncodedDocument.of(next, tokenizer);
                    bytes += ids.add(encoded, tokenizer.endOfDocument()) ? encoded.textBytes() : 0;
                }
            }
        }
        if (ids.size() == 0) {
            throw fraction >= 1
                    ? InputException.environment("The files of data.validation hold no documents: "
                            + String.join(", ", config.validation()) + "; name files with text")
                    : InputException.configuration("data.validationFraction " + config.validationFraction()
                            + " leaves the validation set without any of the " + documents
                            + " documents; change the fraction, add text, or name files in data.validation");
        }
        return new HeldTokens(TokenShards.VALIDATION, ids.toArray(), bytes, named(files));
    }

    static String named(List<Path> files) {
        String more = files.size() > NAMED_FILES ? " and " + (files.size() - NAMED_FILES) + " more" : "";
        return files.stream().limit(NAMED_FILES).map(Path::toString).collect(Collectors.joining(", ")) + more;
    }

    @Override
    public long tokens() {
        return ids.length;
    }

    @Override
    public void read(long offset, int[] into) {
        if (offset < 0 || offset > ids.length - into.length) {
            throw new IndexOutOfBoundsException(
                    "tokens " + offset + " to " + (offset + into.length) + " of " + ids.length);
        }
        System.arraycopy(ids, (int) offset, into, 0, into.length);
    }

    @Override
    public String description() {
        return "The validation text of " + files;
    }
}
