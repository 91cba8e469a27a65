package io.github.gptmoe.data;

import io.github.gptmoe.data.SentencePieceModel.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A SentencePiece model. Models of byte-pair encoding are encoded with here ({@code BpeEncoder}), others by the native library
 * through DJL, which is also asked about texts with NUL or half characters and is not loaded before; everything else comes from the model
 * file.
 *
 * <p>Thread safety: encoding and decoding may run in several threads at once on one instance, because the
 * native processor does not change after loading. {@link #close} must come after all of them.
 *
 * <p>What decoding gives back depends on the model's normalizer: with {@code --normalization_rule_name=identity},
 * {@code --remove_extra_whitespaces=false} and {@code --byte_fallback} every text without U+2581 returns unchanged.
 *
 * @see <a href="https://arxiv.org/abs/1808.06226">Kudo and Richardson, SentencePiece</a>
 */
public final class SentencePieceTokenizer implements Tokenizer {
    private static final long MAX_MODEL_BYTES = 64 << 20;

    private final Path file;
    private final byte[] bytes;
    private final SentencePieceModel model;
    private final String fingerprint;
    private volatile @Nullable NativeSentencePiece library;
    private @Nullable NativeSentencePiece second;
    private volatile @Nullable ContinuationModel continuations;
    private volatile @Nullable BpeEncoder encoder;
    private volatile boolean encoderSought;

    private SentencePieceTokenizer(Path file, byte[] bytes, SentencePieceModel model) {
        this.file = file;
        this.bytes = bytes;
        this.model = model;
        this.fingerprint = Hashes.sha256(bytes);
    }

    /**
     * Loads a model. The file is checked before the native library sees it.
     *
     * @param file a {@code .model} file made by SentencePiece, at most 64 MiB and 1,048,576 pieces
     * @return the tokenizer, to be closed by the caller
     * @throws InputException if the file is missing, unreadable or no such model
     */
    public static SentencePieceTokenizer open(Path file) {
        byte[] bytes = read(file);
        SentencePieceModel model;
        try {
            model = SentencePieceModel.parse(bytes);
        } catch (IOException damaged) {
            throw InputException.environment(
                    file + ": not a usable SentencePiece model (" + damaged.getMessage()
                            + "); give a .model file made by spm_train, or copy it again",
                    damaged);
        }
        SentencePieceTokenizer tokenizer = new SentencePieceTokenizer(file, bytes, model);
        if (!BpeEncoder.serves(model, bytes)) {
            tokenizer.library(); // So that a model which nobody can encode with is refused now.
        }
        return tokenizer;
    }

    private static byte[] read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw InputException.configuration(file + ": is a folder; data.tokenizer must name a .model file");
            }
            long size = Files.size(file);
            if (size > MAX_MODEL_BYTES) {
                throw InputException.environment(
                        file + ": " + size + " bytes are too many for a SentencePiece model (at" + " most "
                                + MAX_MODEL_BYTES + "); give the .model file made by spm_train");
            }
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    private NativeSentencePiece library() {
        NativeSentencePiece known = library;
        return known == null ? openLibrary() : known;
    }

    private synchronized NativeSentencePiece openLibrary() {
        NativeSentencePiece known = library;
        if (known == null) {
            known = NativeSentencePiece.open(file, bytes);
            library = known;
        }
        return known;
    }

    @Override
    public int vocabularySize() {
        return model.pieces().size();
    }

    @Override
    public int[] encode(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        BpeEncoder own = encoder();
        int[] ids = own == null ? null : own.encode(text);
        return ids == null ? encodeNatively(text) : ids;
    }

    /** What the library makes of a text; the same ids, so only tests tell which way was taken. */
    int[] encodeNatively(String text) {
        return library().encode(text);
    }

    /** Made when it is first needed; null for a model that only the library can encode with. */
    private @Nullable BpeEncoder encoder() {
        if (!encoderSought) {
            // Two threads may both make one; they are alike.
            encoder = BpeEncoder.of(model, bytes);
            encoderSought = true;
        }
        return encoder;
    }

    @Override
    public int[] encodeContinuation(String text) {
        return text.isEmpty() ? new int[0] : continuations().encode(text);
    }

    /** Made when it is first needed: a run on plain text has no use for a second model. */
    private ContinuationModel continuations() {
        ContinuationModel known = continuations;
        return known == null ? openContinuations() : known;
    }

    private synchronized ContinuationModel openContinuations() {
        ContinuationModel known = continuations;
        if (known == null) {
            try {
                known = ContinuationModel.of(model, bytes, this::openSecond);
            } catch (IOException unfit) {
                throw InputException.environment(
                        file + ": this SentencePiece model cannot encode a text that follows another ("
                                + unfit.getMessage() + "); use a model trained without that setting",
                        unfit);
            }
            continuations = known;
        }
        return known;
    }

    private synchronized Function<String, int[]> openSecond(byte[] changed) {
        closeSecond();
        NativeSentencePiece opened = NativeSentencePiece.open(file, changed);
        second = opened;
        return opened::encode;
    }

    private synchronized void closeSecond() {
        NativeSentencePiece opened = second;
        second = null;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public String decode(int[] ids) {
        for (int id : ids) {
            requireKnown(id);
        }
        return new PieceDecoder(model).decode(ids);
    }

    @Override
    public String piece(int id) {
        return requireKnown(id).text();
    }

    /**
     * Tells whether a vocabulary entry stands for text of its own.
     *
     * @param id an id below {@link #vocabularySize()}
     * @return false for the unknown piece, control pieces, bytes and entries out of use
     * @throws IllegalArgumentException if the id is out of range
     */
    public boolean isText(int id) {
        SentencePieceModel.Type type = requireKnown(id).type();
        return type == SentencePieceModel.Type.NORMAL || type == SentencePieceModel.Type.USER_DEFINED;
    }

    /**
     * Tells whether a vocabulary entry stands for one byte of a character that has no entry.
     *
     * @param id an id below {@link #vocabularySize()}
     * @return the byte from 0 to 255, or -1 for other entries
     * @throws IllegalArgumentException if the id is out of range
     */
    public int byteValue(int id) {
        Piece piece = requireKnown(id);
        return piece.type() == SentencePieceModel.Type.BYTE ? piece.value() & 0xFF : -1;
    }

    @Override
    public int endOfDocument() {
        return model.endOfDocument();
    }

    @Override
    public int unknownId() {
        return model.unknownId();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public synchronized void close() {
        closeSecond();
        NativeSentencePiece loaded = library;
        if (loaded != null) {
            loaded.close();
        }
    }

    private Piece requireKnown(int id) {
        if (id < 0 || id >= model.pieces().size()) {
            throw new IllegalArgumentException("id " + id + " is not below the vocabulary size " + vocabularySize());
        }
        return model.pieces().get(id);
    }
}
