package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Lengths;
import io.github.gptmoe.data.LongRows;
import io.github.gptmoe.data.PackManifest;
import io.github.gptmoe.data.RowLimit;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.TextSurvey;
import io.github.gptmoe.data.TokenPack;
import io.github.gptmoe.data.TokenShards;
import io.github.gptmoe.data.Tokenizer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moe data inspect}: what a packed corpus or text files hold. */
@Command(
        name = "inspect",
        description = {
            "Checks a packed corpus and shows its sources, shards, fingerprint, lengths and first documents; or reads text",
            "files and shows their rows, bad rows, lengths and first documents."
        },
        footer = {
            "",
            "Example: moe data inspect packs/zh --documents 5",
            "Example: moe data inspect 'zh/*.jsonl.gz' --tokenizer zh.model"
        })
final class InspectDataCommand extends BaseCommand {
    private static final int SHOWN_CHARACTERS = 200;

    @Parameters(
            arity = "1..*",
            paramLabel = "DIR|FILES",
            description = "A folder made by moe data pack, or files, folders or globs with text.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<String> paths;

    @Option(
            names = "--documents",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many of the first documents are shown; default 3.")
    private int documents;

    @Option(
            names = "--tokenizer",
            paramLabel = "MODEL",
            description = {
                "SentencePiece .model file: decodes a packed corpus, by default with the model named in it if that is still",
                "there, or counts tokens of text."
            })
    private @Nullable Path model;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json} for a packed corpus.
     *
     * @param folder where it is
     * @param pack its description, shards included; every file was checked against it
     * @param trainLengths tokens of training documents, their ends included
     * @param validationLengths those of validation documents
     * @param firstDocuments the first training documents, decoded; null without their tokenizer
     */
    record Contents(
            String folder,
            PackManifest pack,
            Lengths trainLengths,
            Lengths validationLengths,
            @Nullable List<String> firstDocuments) {}

    @Override
    int run() throws JsonProcessingException {
        if (documents < 0) {
            throw mistake("--documents " + documents + ": use 0 or more");
        }
        List<Path> packs = paths.stream().flatMap(path -> pack(path).stream()).toList();
        if (packs.isEmpty()) {
            survey();
        } else if (paths.size() > 1) {
            throw mistake(packs.get(0) + " is a packed corpus; inspect it alone");
        } else {
            inspect(packs.get(0));
        }
        return ExitCode.DONE;
    }

    private static List<Path> pack(String entry) {
        try {
            Path path = Path.of(entry);
            return TokenPack.isPack(path) ? List.of(path) : List.of();
        } catch (InvalidPathException glob) {
            return List.of();
        }
    }

    private void inspect(Path folder) throws JsonProcessingException {
        try (TokenPack pack = TokenPack.open(folder)) {
            Contents contents = new Contents(
                    folder.toString(),
                    pack.manifest(),
                    TokenPack.lengths(pack.train()),
                    TokenPack.lengths(pack.validation()),
                    decoded(pack));
            if (json.asked()) {
                JsonOption.print(out(), contents);
            } else {
                print(contents);
            }
        }
    }

    /** The first training documents; null if nobody named the tokenizer and the one that was used is gone. */
    private @Nullable List<String> decoded(TokenPack pack) {
        Path named = model != null ? model : Path.of(pack.manifest().tokenizer().path());
        if (model == null && !Files.isRegularFile(named)) {
            err().println("documents are not shown: their tokenizer " + named
                    + " is not there; name it with --tokenizer");
            return null;
        }
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(named)) {
            if (!tokenizer.fingerprint().equals(pack.manifest().tokenizer().fingerprint())) {
                if (model == null) {
                    err().println("documents are not shown: " + named
                            + " is another tokenizer by now; name the right one with --tokenizer");
                    return null;
                }
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        "--tokenizer " + model + " did not make these tokens; name the one with SHA-256 "
                                + pack.manifest().tokenizer().fingerprint());
            }
            return decoded(pack.train(), tokenizer);
        }
    }

    private List<String> decoded(TokenShards stream, Tokenizer tokenizer) {
        List<String> texts = new ArrayList<>();
        for (long document = 0; document < Math.min(documents, stream.documents()); document++) {
            texts.add(tokenizer.decode(TokenPack.document(stream, document)));
        }
        return texts;
    }

    private void print(Contents contents) {
        PackText.print(out(), contents.pack());
        out().println();
        for (PackManifest.Source source : contents.pack().sources()) {
            out().printf(
                            Locale.ROOT,
                            "%s: %,d rows, %,d bad, %,d empty, %,d cut%n",
                            source.name(),
                            source.rows().read(),
                            source.rows().bad(),
                            source.rows().empty(),
                            source.rows().cut());
            source.files().forEach(this::print);
        }
        contents.pack().validationFiles().forEach(this::print);
        out().println();
        for (PackManifest.Stream stream :
                List.of(contents.pack().train(), contents.pack().validation())) {
            for (PackManifest.Shard shard : stream.shards()) {
                print(shard);
            }
            print(stream.index());
        }
        out().println();
        PackText.print(out(), "tokens of training documents", contents.trainLengths());
        PackText.print(out(), "tokens of validation documents", contents.validationLengths());
        if (contents.firstDocuments() != null) {
            contents.firstDocuments().forEach(this::show);
        }
    }

    private void print(PackManifest.TextFile file) {
        out().printf(Locale.ROOT, "  %s, %,d bytes, SHA-256 %s%n", file.path(), file.bytes(), file.sha256());
    }

    private void print(PackManifest.Shard shard) {
        out().printf(Locale.ROOT, "%-24s %,16d bytes  sound%n", shard.file(), shard.bytes());
    }

    private void survey() throws JsonProcessingException {
        TextSurvey survey;
        RowLimit limit = new RowLimit(RowLimit.MOST_BYTES, LongRows.REFUSE);
        if (model == null) {
            survey = TextSurvey.of(paths, null, documents, limit);
        } else {
            try (Tokenizer tokenizer = SentencePieceTokenizer.open(model)) {
                survey = TextSurvey.of(paths, tokenizer, documents, limit);
            }
        }
        if (json.asked()) {
            JsonOption.print(out(), survey);
        } else {
            print(survey);
        }
    }

    private void print(TextSurvey survey) {
        for (TextSurvey.SurveyedFile file : survey.files()) {
            out().printf(
                            Locale.ROOT,
                            "%s: %,d bytes, %,d documents, %,d bad rows, %,d empty%n",
                            file.path(),
                            file.bytes(),
                            file.documents(),
                            file.rows().bad(),
                            file.rows().empty());
        }
        out().printf(
                        Locale.ROOT,
                        "%n%,d documents, %,d characters, %,d bytes of text%n",
                        survey.documents(),
                        survey.textCharacters(),
                        survey.textBytes());
        if (survey.tokens() != null) {
            out().printf(
                            Locale.ROOT,
                            "%,d tokens, %.2f characters a token%n",
                            survey.tokens(),
                            (double) survey.textCharacters() / survey.tokens());
        }
        PackText.print(out(), "characters of documents", survey.characters());
        if (survey.tokenLengths() != null) {
            PackText.print(out(), "tokens of documents", survey.tokenLengths());
        }
        for (TextSurvey.BadPlace bad : survey.badRows()) {
            out().printf(
                            Locale.ROOT,
                            "bad: %s, line %d, byte %d: %s%n",
                            bad.file(),
                            bad.line(),
                            bad.byteOffset(),
                            bad.reason());
        }
        survey.first().forEach(this::show);
    }

    private void show(String text) {
        String line = text.replace("\n", "\\n").replace("\r", "\\r");
        boolean whole = line.codePointCount(0, line.length()) <= SHOWN_CHARACTERS;
        out().println();
        out().println(whole ? line : line.substring(0, line.offsetByCodePoints(0, SHOWN_CHARACTERS)) + " ...");
    }
}
