package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.text.CharacterMap;
import io.github.gptmoe.data.text.Normalization;
import io.github.gptmoe.data.text.TextRules;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a vocabulary as SentencePiece's {@code ModelProto}, and as the text file beside it.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">sentencepiece_model.proto
 *     </a>
 */
final class ModelFile {
    private static final int MODEL_TYPE_BPE = 2;

    private final BpeConfig config;
    private final List<MetaPieces.Piece> metaPieces;
    private final List<String> pieces;

    /** {@code pieces} are the merged pieces in the order of their making, then the characters by falling frequency. */
    ModelFile(BpeConfig config, List<MetaPieces.Piece> metaPieces, List<String> pieces) {
        this.config = config;
        this.metaPieces = metaPieces;
        this.pieces = pieces;
    }

    /** The {@code .model}; {@code map} is null for {@link Normalization#IDENTITY}. */
    byte[] model(@Nullable CharacterMap map) {
        ProtobufWriter model = new ProtobufWriter();
        for (MetaPieces.Piece piece : metaPieces) {
            model.message(
                    1,
                    new ProtobufWriter()
                            .text(1, piece.text())
                            .decimal(2, 0)
                            .integer(3, piece.type().number()));
        }
        for (int i = 0; i < pieces.size(); i++) {
            // The order of merging is all that scores say: the highest is merged first.
            model.message(1, new ProtobufWriter().text(1, pieces.get(i)).decimal(2, -(float) i));
        }
        return model.message(2, trainer()).message(3, normalizer(map)).toBytes();
    }

    private ProtobufWriter trainer() {
        PieceRules rules = config.pieces();
        ProtobufWriter trainer = new ProtobufWriter()
                .integer(3, MODEL_TYPE_BPE)
                .integer(4, metaPieces.size() + pieces.size())
                .decimal(10, (float) config.alphabet().coverage())
                .integer(18, config.maxSentenceBytes() == 0 ? Integer.MAX_VALUE : config.maxSentenceBytes())
                .integer(20, rules.maxLength())
                .bool(21, rules.splitScripts())
                .bool(22, rules.splitSpaces())
                .bool(23, rules.splitNumbers())
                .bool(24, false)
                .bool(25, rules.splitDigits())
                .bool(26, rules.spaceOnlyPieces());
        config.symbols().control().forEach(symbol -> trainer.text(30, symbol));
        config.symbols().userDefined().forEach(symbol -> trainer.text(31, symbol));
        trainer.bool(33, !config.softLimit()).bool(35, config.alphabet().byteFallback());
        if (!config.alphabet().required().isEmpty()) {
            trainer.text(36, config.alphabet().required());
        }
        return trainer.integer(40, 0)
                .integer(41, 1)
                .integer(42, 2)
                .integer(43, -1)
                .text(44, " \u2047 ")
                .text(45, MetaPieces.UNKNOWN)
                .text(46, MetaPieces.BEGIN)
                .text(47, MetaPieces.END)
                .text(48, "<pad>");
    }

    private ProtobufWriter normalizer(@Nullable CharacterMap map) {
        TextRules rules = config.text();
        return new ProtobufWriter()
                .text(1, rules.normalization().modelName())
                .bytes(2, map == null ? new byte[0] : map.toBytes())
                .bool(3, rules.dummyPrefix())
                .bool(4, rules.removeExtraSpaces())
                .bool(5, true);
    }

    /** The {@code .vocab}: a line for each id with the piece, a tab, and its score. */
    String vocabulary() {
        StringBuilder lines = new StringBuilder();
        metaPieces.forEach(piece -> lines.append(piece.text()).append("\t0\n"));
        for (int i = 0; i < pieces.size(); i++) {
            lines.append(pieces.get(i)).append("\t-").append(i).append('\n');
        }
        return lines.toString();
    }
}
