package io.github.gptmoe.eval;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds a run's tokenizer: the copy in its folder, else where its configuration says, else next to the run's folder. */
public final class TokenizerFile {
    private TokenizerFile() {}

    /** Opens it; {@code fingerprint} is that of the tokenizer the model was trained with, where it is known. */
    static Tokenizer open(RunFolder run, RunConfig config, @Nullable String fingerprint) {
        Tokenizer tokenizer =
                SentencePieceTokenizer.open(find(run, Path.of(config.data().tokenizer())));
        int pieces = tokenizer.vocabularySize();
        if (pieces > config.model().vocabulary()) {
            tokenizer.close();
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "tokenizer " + config.data().tokenizer() + " has " + pieces + " pieces but the model of "
                            + run.path() + " knows " + config.model().vocabulary()
                            + "; put the tokenizer it was trained with back in place");
        }
        if (fingerprint != null && !fingerprint.equals(tokenizer.fingerprint())) {
            tokenizer.close();
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "tokenizer " + config.data().tokenizer() + " is not the one that " + run.path()
                            + " was trained with; put that one back in place");
        }
        return tokenizer;
    }

    /**
     * Where the tokenizer of a run is.
     *
     * @param run the run's folder
     * @param config its configuration
     * @return an existing file
     * @throws InputException if it is in none of the usual places
     */
    public static Path of(RunFolder run, RunConfig config) {
        return find(run, Path.of(config.data().tokenizer()));
    }

    private static Path find(RunFolder run, Path configured) {
        List<Path> candidates = candidates(run, configured);
        return candidates.stream()
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "the tokenizer of " + run.path() + " is not there; looked for "
                                + candidates.stream()
                                        .map(path -> path.toAbsolutePath().toString())
                                        .collect(Collectors.joining(" and "))
                                + "; call from the folder it was trained in, or copy the file into the run's folder"));
    }

    private static List<Path> candidates(RunFolder run, Path configured) {
        List<Path> candidates = new ArrayList<>();
        Path name = configured.getFileName();
        if (name != null) {
            candidates.add(run.path().resolve(name));
        }
        candidates.add(configured);
        if (name != null) {
            candidates.add(run.path().toAbsolutePath().resolveSibling(name));
        }
        return candidates;
    }
}
