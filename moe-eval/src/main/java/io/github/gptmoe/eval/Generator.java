package io.github.gptmoe.eval;

import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.Decoding.Continued;
import io.github.gptmoe.eval.Decoding.Limits;
import io.github.gptmoe.eval.GeneratedText.Stop;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Continues prompts. An empty prompt stands for the beginning of a document, which follows the end of another. */
public final class Generator {
    private final TrainedModel trained;

    /**
     * Makes a generator.
     *
     * @param trained the model; stays open while the generator is used
     */
    public Generator(TrainedModel trained) {
        this.trained = trained;
    }

    /**
     * Continues a prompt.
     *
     * @param prompt any text, also an empty one
     * @param tokens most tokens to add, at least 1; fewer when the document ends or the model's sequence length is reached
     * @param decoding how tokens are chosen
     * @param listener told the new text in pieces as it becomes certain; together the pieces are the whole text
     * @return the whole
     * @throws InputException if the prompt is longer than the model's sequence length
     */
    public GeneratedText generate(String prompt, int tokens, Decoding decoding, Consumer<String> listener) {
        if (tokens < 1) {
            throw new IllegalArgumentException(tokens + " tokens were asked for, but at least 1 is needed");
        }
        Tokenizer tokenizer = trained.tokenizer();
        List<Integer> given = Arrays.stream(tokenizer.encode(prompt)).boxed().toList();
        List<Integer> context = given.isEmpty() ? List.of(tokenizer.endOfDocument()) : given;
        int room = room(context.size());
        Limits limits = new Limits(Math.min(tokens, room), tokenizer.endOfDocument());
        TextStream stream = new TextStream(tokenizer, given);
        KernelModule.enter();
        Continued continued;
        // The last token is chosen but never given to the model.
        try (Continuation start = new CachedContinuation(trained, context, context.size() + limits.tokens() - 1)) {
            continued = decoding.continueText(start, limits, id -> tell(stream.add(id), listener));
        }
        tell(stream.finish(), listener);
        Stop stop = continued.ended() ? Stop.END_OF_DOCUMENT : tokens <= room ? Stop.TOKENS : Stop.CONTEXT;
        return new GeneratedText(
                prompt,
                stream.text(),
                continued.ids().stream().map(tokenizer::piece).toList(),
                continued.ids(),
                stop);
    }

    private int room(int contextTokens) {
        int longest = trained.sequenceLength();
        if (contextTokens > longest) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "the prompt has " + contextTokens + " tokens but the model of " + trained.checkpointFolder()
                            + " can look at " + longest + "; shorten the prompt");
        }
        return longest - contextTokens + 1;
    }

    private static void tell(String text, Consumer<String> listener) {
        if (!text.isEmpty()) {
            listener.accept(text);
        }
    }
}
