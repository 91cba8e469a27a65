package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.bpe.Alphabet;
import io.github.gptmoe.data.bpe.BpeConfig;
import io.github.gptmoe.data.bpe.BpeReport;
import io.github.gptmoe.data.bpe.BpeTrainer;
import io.github.gptmoe.data.bpe.PieceRules;
import io.github.gptmoe.data.bpe.TrainedTokenizer;
import io.github.gptmoe.data.text.Normalization;
import io.github.gptmoe.data.text.TextRules;
import io.github.gptmoe.train.StopRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe tokenizer train}: a vocabulary from text. */
@Command(
        name = "train",
        description = "Trains a vocabulary by byte-pair encoding: the pieces that spm_train gives, in its format.",
        footer = {
            "",
            "Writes OUT.model, which SentencePiece loads, and OUT.vocab. Options are those of spm_train by other names;",
            "the defaults too, except that bytes stand for rare characters and no sentence is too long.",
            "Example: moe tokenizer train --input 'corpus/*.jsonl.gz' --vocabulary 8000 --model zh.model"
        })
final class TokenizerTrainCommand extends BaseCommand {

    @Mixin
    private TokenizerInput text = new TokenizerInput();

    @Option(names = "--vocabulary", required = true, paramLabel = "N", description = "Ids in all.")
    private int vocabulary;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "OUT.model",
            description = "Where to write; what is there is replaced when the new one is complete.")
    @SuppressWarnings("NullAway.Init") // picocli requires it
    private Path model;

    @Option(
            names = "--soft-limit",
            description = "A text that yields fewer pieces gives a smaller vocabulary, not an error.")
    private boolean softLimit;

    @Option(
            names = "--normalization",
            paramLabel = "nmt_nfkc|nfkc|identity",
            defaultValue = "NMT_NFKC",
            description = "Which characters become others; default nmt_nfkc. identity changes nothing.")
    private Normalization normalization = Normalization.NMT_NFKC;

    @Option(names = "--no-dummy-prefix", description = "Do not put a space before every text.")
    private boolean noDummyPrefix;

    @Option(names = "--keep-extra-spaces", description = "Keep spaces at both ends, and several in a row.")
    private boolean keepExtraSpaces;

    @Option(
            names = "--character-coverage",
            paramLabel = "SHARE",
            defaultValue = "0.9995",
            description = "Share of the text's characters that must be in the vocabulary, 0.98 to 1; default 0.9995.")
    private double characterCoverage;

    @Option(
            names = "--required-characters",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Characters that are in the vocabulary however rare.")
    private String requiredCharacters = "";

    @Option(
            names = "--no-byte-fallback",
            description = "Characters without a piece become <unk> and are lost, instead of 256 pieces for bytes.")
    private boolean noByteFallback;

    @Option(
            names = "--control-symbol",
            paramLabel = "PIECE",
            description = "A piece for programs that no text is encoded to; may be repeated.")
    private List<String> controlSymbols = List.of();

    @Option(
            names = "--user-defined-symbol",
            paramLabel = "TEXT",
            description = "A text that is one piece wherever it occurs; may be repeated.")
    private List<String> userDefinedSymbols = List.of();

    @Option(
            names = "--max-piece-length",
            paramLabel = "N",
            defaultValue = "16",
            description = "Most characters of a piece; default ${DEFAULT-VALUE}.")
    private int maxPieceLength;

    @Option(names = "--pieces-over-spaces", description = "Pieces may have spaces inside.")
    private boolean piecesOverSpaces;

    @Option(names = "--pieces-over-scripts", description = "Pieces may mix scripts; Han and Kana count as one anyway.")
    private boolean piecesOverScripts;

    @Option(names = "--pieces-over-numbers", description = "Pieces may mix digits with the letters of one script: F1.")
    private boolean piecesOverNumbers;

    @Option(names = "--split-digits", description = "Every digit is a piece of its own.")
    private boolean splitDigits;

    @Option(names = "--space-only-pieces", description = "Several spaces may be a piece.")
    private boolean spaceOnlyPieces;

    @Option(
            names = "--count-overlaps",
            description = "Count the pair aa twice in aaa, as SentencePiece does from 0.1.99 on, not once, as before.")
    private boolean countOverlaps;

    @Option(
            names = "--max-sentence-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leave out longer sentences, in UTF-8; default 0: none. spm_train: 4192.")
    private int maxSentenceBytes;

    @Option(
            names = "--counts",
            paramLabel = "FILE",
            description = {
                "Keep what is counted: a stopped call goes on from it, and another vocabulary of the same text needs",
                "no reading."
            })
    private @Nullable Path counts;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param model the model's file
     * @param vocabularyFile the text file beside it
     * @param report what training saw and took
     */
    record Written(String model, String vocabularyFile, BpeReport report) {}

    @Override
    int run() throws JsonProcessingException {
        if (!text.given()) {
            throw mistake("--input is missing; name text files, folders or globs");
        }
        BpeConfig config = config();
        config.requireValid();
        Path vocabularyFile = TrainedTokenizer.vocabularyBeside(model);
        StopRequest stop = new StopRequest();
        TokenizerProgress progress = new TokenizerProgress(err(), Terminal.errorColumns(), stop);
        StopSignals.connect(stop::request, "Stopping.", progress::message);
        TrainedTokenizer trained;
        try {
            trained = BpeTrainer.train(text.input(), config, counts, text.threads(), progress);
        } catch (StoppedException early) {
            progress.message(
                    counts == null
                            ? "stopped; nothing was written, and the same call begins anew (with --counts it would go on)"
                            : "stopped; the same call goes on from " + counts);
            return ExitCode.STOPPED;
        }
        trained.save(model);
        if (json.asked()) {
            JsonOption.print(out(), new Written(model.toString(), vocabularyFile.toString(), trained.report()));
        } else {
            print(trained.report(), vocabularyFile);
        }
        return ExitCode.DONE;
    }

    private BpeConfig config() {
        return new BpeConfig(
                vocabulary,
                softLimit,
                maxSentenceBytes,
                new TextRules(normalization, !noDummyPrefix, !keepExtraSpaces),
                new PieceRules(
                        maxPieceLength,
                        !piecesOverSpaces,
                        !piecesOverScripts,
                        !piecesOverNumbers,
                        splitDigits,
                        spaceOnlyPieces,
                        countOverlaps),
                new Alphabet(characterCoverage, requiredCharacters, !noByteFallback),
                new BpeConfig.Symbols(controlSymbols, userDefinedSymbols));
    }

    private void print(BpeReport report, Path vocabularyFile) {
        out().println(model + "  " + vocabularyFile);
        out().printf(
                        Locale.ROOT,
                        "%,d ids: %,d merged pieces, %,d characters (%.4f %% of the text), %,d of other kinds%n",
                        report.vocabulary(),
                        report.mergedPieces(),
                        report.alphabet(),
                        100 * report.coverage(),
                        report.vocabulary() - report.mergedPieces() - report.alphabet());
        out().printf(
                        Locale.ROOT,
                        "from %,d sentences, %,d characters, %,d different words; reading %.1f s, training %.1f s%n",
                        report.sentences(),
                        report.characters(),
                        report.distinctWords(),
                        report.readSeconds(),
                        report.trainSeconds());
        long leftOut = report.longSentences() + report.reservedSentences() + report.badRows();
        if (leftOut > 0) {
            out().printf(
                            Locale.ROOT,
                            "left out: %,d sentences too long, %,d with the reserved character U+2585, %,d bad rows%n",
                            report.longSentences(),
                            report.reservedSentences(),
                            report.badRows());
        }
    }
}
