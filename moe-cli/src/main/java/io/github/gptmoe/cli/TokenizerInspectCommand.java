package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.bpe.TokenizerInspector;
import io.github.gptmoe.data.bpe.TokenizerReport;
import io.github.gptmoe.data.bpe.TokenizerReport.CountedPiece;
import io.github.gptmoe.train.StopRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moe tokenizer inspect}: what a vocabulary is like and what it makes of a text. */
@Command(
        name = "inspect",
        description = "Describes a vocabulary, and with --input how it cuts a text.",
        footer = {"", "Example: moe tokenizer inspect zh.model --input 'held-out/*.jsonl.gz'"})
final class TokenizerInspectCommand extends BaseCommand {

    @Parameters(index = "0", paramLabel = "MODEL", description = "A SentencePiece .model file.")
    @SuppressWarnings("NullAway.Init") // picocli requires it
    private Path model;

    @Mixin
    private TokenizerInput text = new TokenizerInput();

    @Option(
            names = "--show",
            paramLabel = "N",
            defaultValue = "20",
            description = "Pieces in each list; default ${DEFAULT-VALUE}.")
    private int show;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        if (show < 0) {
            throw mistake("--show " + show + " must be 0 or a number of pieces");
        }
        TokenizerReport report;
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            TokenizerInspector inspector = new TokenizerInspector(tokenizer, show);
            TokenizerProgress progress = new TokenizerProgress(err(), Terminal.errorColumns(), new StopRequest());
            report = text.given() ? inspector.inspect(text.input(), text.threads(), progress) : inspector.inspect();
        }
        if (json.asked()) {
            JsonOption.print(out(), report);
        } else {
            print(report);
        }
        return ExitCode.DONE;
    }

    private void print(TokenizerReport report) {
        out().printf(
                        Locale.ROOT,
                        "%,d ids: %,d pieces of text, %,d bytes%n",
                        report.vocabulary(),
                        report.textPieces(),
                        report.bytePieces());
        out().println("pieces by characters: "
                + report.piecesByLength().entrySet().stream()
                        .map(length -> length.getKey() + ": " + length.getValue())
                        .collect(Collectors.joining(", ")));
        out().println("longest: " + String.join("  ", report.longest()));
        TokenizerReport.Use use = report.use();
        if (use != null) {
            print(use);
        }
    }

    private void print(TokenizerReport.Use use) {
        out().printf(
                        Locale.ROOT,
                        "%,d sentences, %,d characters, %,d tokens: %.3f characters a token, fertility %.3f"
                                + " (single characters: 1)%n",
                        use.sentences(),
                        use.characters(),
                        use.tokens(),
                        use.charactersPerToken(),
                        use.fertility());
        out().printf(
                        Locale.ROOT,
                        "coverage %.4f %%, %,d unknown tokens, %,d pieces not used%n",
                        100 * use.coverage(),
                        use.unknownTokens(),
                        use.unusedPieces());
        use.byKind()
                .forEach((kind, of) -> out().printf(
                                Locale.ROOT,
                                "  %-13s %,14d characters %,14d tokens  %.3f a token%n",
                                kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                of.characters(),
                                of.tokens(),
                                of.charactersPerToken()));
        out().println("commonest: " + list(use.commonest()));
        out().println("rarest: " + list(use.rarest()));
        out().printf(
                        Locale.ROOT,
                        "encoding %.2f s of processor time: %,.0f tokens/s%n",
                        use.seconds(),
                        use.tokens() / use.seconds());
    }

    private static String list(List<CountedPiece> pieces) {
        return pieces.stream().map(piece -> piece.piece() + " " + piece.count()).collect(Collectors.joining("  "));
    }
}
