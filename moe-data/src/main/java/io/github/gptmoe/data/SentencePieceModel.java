package io.github.gptmoe.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a SentencePiece {@code .model} file says about its vocabulary; DJL's binding shows none of it. The format is the
 * protobuf message {@code ModelProto} of
 * <a href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">sentencepiece_model.proto
 * </a>.
 */
record SentencePieceModel(List<Piece> pieces, int unknownId, int endOfDocument, Decoding decoding) {
    static final int MAX_PIECES = 1 << 20;
    private static final int MAX_PIECE_BYTES = 4096;

    /** Types of pieces. */
    enum Type {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /** One entry of the vocabulary; {@code value} is the byte of a {@link Type#BYTE} piece, otherwise 0. */
    record Piece(String text, Type type, byte value) {}

    /** What decoding has to undo. */
    record Decoding(String unknownText, boolean dummyPrefix, boolean removeSpaces, boolean spaceIsSuffix) {}

    static SentencePieceModel parse(byte[] bytes) throws IOException {
        return new Parser().parse(new ProtobufReader(bytes));
    }

    private static final class Parser {
        private final List<Piece> pieces = new ArrayList<>();
        private final Set<String> texts = new HashSet<>();
        private int unknownId = -1;
        private String endPiece = "</s>";
        private String unknownText = " \u2047 ";
        private boolean dummyPrefix = true;
        private boolean removeSpaces = true;
        private boolean spaceIsSuffix;

        SentencePieceModel parse(ProtobufReader model) throws IOException {
            while (model.next()) {
                switch (model.field()) {
                    case 1 -> addPiece(model.message());
                    case 2 -> readTrainer(model.message());
                    case 3 -> readNormalizer(model.message());
                    case 5 -> rejectDenormalizer(model.message());
                    default -> model.skip();
                }
            }
            if (pieces.isEmpty()) {
                throw new IOException("no pieces");
            }
            if (unknownId < 0) {
                throw new IOException("no piece of type unknown");
            }
            return new SentencePieceModel(
                    List.copyOf(pieces),
                    unknownId,
                    endOfDocument(),
                    new Decoding(unknownText, dummyPrefix, removeSpaces, spaceIsSuffix));
        }

        private void addPiece(ProtobufReader message) throws IOException {
            String text = "";
            int type = 1;
            while (message.next()) {
                switch (message.field()) {
                    case 1 -> text = text(message.bytes());
                    case 3 -> type = message.integer();
                    default -> message.skip();
                }
            }
            int id = pieces.size();
            if (id == MAX_PIECES) {
                throw new IOException("more than " + MAX_PIECES + " pieces");
            }
            if (text.isEmpty() || !texts.add(text)) {
                throw new IOException("piece " + id + " is empty or occurs twice");
            }
            Type kind = typeOf(type, id);
            if (kind == Type.UNKNOWN) {
                if (unknownId >= 0) {
                    throw new IOException("two pieces of type unknown, " + unknownId + " and " + id);
                }
                unknownId = id;
            }
            pieces.add(new Piece(text, kind, kind == Type.BYTE ? byteOf(text) : 0));
        }

        private static Type typeOf(int number, int id) throws IOException {
            return switch (number) {
                case 1 -> Type.NORMAL;
                case 2 -> Type.UNKNOWN;
                case 3 -> Type.CONTROL;
                case 4 -> Type.USER_DEFINED;
                case 5 -> Type.UNUSED;
                case 6 -> Type.BYTE;
                default -> throw new IOException("piece " + id + " has the unknown type " + number);
            };
        }

        private static byte byteOf(String text) throws IOException {
            if (!text.matches("<0x[0-9A-F]{2}>")) {
                throw new IOException("byte piece \"" + text + "\" is not of the form <0x00>");
            }
            return (byte) Integer.parseInt(text.substring(3, 5), 16);
        }

        private void readTrainer(ProtobufReader message) throws IOException {
            while (message.next()) {
                switch (message.field()) {
                    case 24 -> spaceIsSuffix = message.bool();
                    case 44 -> unknownText = text(message.bytes());
                    case 47 -> endPiece = text(message.bytes());
                    default -> message.skip();
                }
            }
        }

        private void readNormalizer(ProtobufReader message) throws IOException {
            while (message.next()) {
                switch (message.field()) {
                    case 3 -> dummyPrefix = message.bool();
                    case 4 -> removeSpaces = message.bool();
                    default -> message.skip();
                }
            }
        }

        /** Decoding is done here, without these rules, so a model that has some would decode wrongly. */
        private static void rejectDenormalizer(ProtobufReader message) throws IOException {
            while (message.next()) {
                if (message.field() == 2 && message.bytes().length > 0) {
                    throw new IOException("a denormalizer, which is not supported");
                } else if (message.field() != 2) {
                    message.skip();
                }
            }
        }

        private int endOfDocument() {
            for (int id = 0; id < pieces.size(); id++) {
                if (pieces.get(id).type() == Type.CONTROL
                        && pieces.get(id).text().equals(endPiece)) {
                    return id;
                }
            }
            return unknownId;
        }

        private static String text(byte[] bytes) throws IOException {
            if (bytes.length > MAX_PIECE_BYTES) {
                throw new IOException("a text of " + bytes.length + " bytes");
            }
            try {
                return bytes.length == 0 ? "" : new StrictUtf8().decode(bytes, bytes.length);
            } catch (BadRowException invalid) {
                throw new IOException(String.valueOf(invalid.getMessage()), invalid);
            }
        }
    }
}
