package io.github.gptmoe.data;

import java.io.IOException;

/** What encoding needs from a SentencePiece model and decoding does not. */
final class BpeModelFields {
    private final float[] scores;
    private int modelType = 1; // A unigram model, which is what is meant where nothing is said.
    private boolean byteFallback;
    private boolean escapesSpaces = true;
    private byte[] normalization = {};

    private BpeModelFields(int pieces) {
        this.scores = new float[pieces];
    }

    /** Reads a model that was parsed before and has so many pieces. */
    static BpeModelFields parse(byte[] bytes, int pieces) throws IOException {
        BpeModelFields fields = new BpeModelFields(pieces);
        ProtobufReader model = new ProtobufReader(bytes);
        int id = 0;
        while (model.next()) {
            switch (model.field()) {
                case 1 -> fields.scores[id++] = score(model.message());
                case 2 -> fields.readTrainer(model.message());
                case 3 -> fields.readNormalizer(model.message());
                default -> model.skip();
            }
        }
        return fields;
    }

    private static float score(ProtobufReader piece) throws IOException {
        float score = 0;
        while (piece.next()) {
            if (piece.field() == 2) {
                score = piece.decimal();
            } else {
                piece.skip();
            }
        }
        return score;
    }

    private void readTrainer(ProtobufReader trainer) throws IOException {
        while (trainer.next()) {
            switch (trainer.field()) {
                case 3 -> modelType = trainer.integer();
                case 35 -> byteFallback = trainer.bool();
                default -> trainer.skip();
            }
        }
    }

    private void readNormalizer(ProtobufReader normalizer) throws IOException {
        while (normalizer.next()) {
            switch (normalizer.field()) {
                case 2 -> normalization = normalizer.bytes();
                case 5 -> escapesSpaces = normalizer.bool();
                default -> normalizer.skip();
            }
        }
    }

    /** By id; belongs to this object. */
    float[] scores() {
        return scores;
    }

    int modelType() {
        return modelType;
    }

    boolean byteFallback() {
        return byteFallback;
    }

    boolean escapesSpaces() {
        return escapesSpaces;
    }

    /** The compiled table of normalisation, empty for none; belongs to this object. */
    byte[] normalization() {
        return normalization;
    }
}
