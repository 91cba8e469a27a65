package io.github.gptmoe.eval;

import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.eval.Decoding.Continued;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Continues prompts, one alone or many side by side. An empty prompt stands for the beginning of a document, which follows
 * the end of another.
 *
 * <p>What a prompt becomes does not depend on the prompts beside it: padding and neighbours reach neither attention nor the
 * experts, and draws belong to the prompt. Up to rounding, that is: a batch of another size sums in another order, which
 * moves FP32 logits by about 1e-6, and BF16 logits by a rounding of BF16, enough to turn a near tie.
 */
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
        Prompt encoded = encode(List.of(prompt), tokens).get(0);
        Tokenizer tokenizer = trained.tokenizer();
        TextStream stream = new TextStream(tokenizer, encoded.given());
        KernelModule.enter();
        Continued continued;
        try (CachedTexts texts = texts(1, encoded.capacity())) {
            texts.add(List.of(encoded.ids()));
            continued = decoding.continueText(texts, encoded.limits(), id -> tell(stream.add(id), listener));
        }
        tell(stream.finish(), listener);
        return encoded.result(continued, stream.text(), tokenizer);
    }

    /**
     * Continues several prompts. A {@link TokenChoice} works on up to {@code batch} of them at once; a beam search, which
     * fills a batch by itself, takes one after the other.
     *
     * @param prompts any texts, also empty ones
     * @param tokens most tokens to add to each, at least 1
     * @param decoding how tokens are chosen
     * @param batch most texts side by side, at least 1
     * @param listener told each text when it is complete and all before it are
     * @return the texts in the order of their prompts
     * @throws InputException if a prompt is longer than the model's sequence length; nothing has been computed then
     */
    public List<GeneratedText> generate(
            List<String> prompts, int tokens, Decoding decoding, int batch, Consumer<GeneratedText> listener) {
        if (batch < 1) {
            throw new IllegalArgumentException("a batch of " + batch + " texts, but at least 1 is needed");
        }
        List<Prompt> encoded = encode(prompts, tokens);
        if (!(decoding instanceof TokenChoice choice)) {
            List<GeneratedText> texts = new ArrayList<>();
            for (Prompt prompt : encoded) {
                GeneratedText text = generate(prompt.text(), tokens, decoding, piece -> {});
                listener.accept(text);
                texts.add(text);
            }
            return texts;
        }
        InOrder results = new InOrder(encoded.size(), listener);
        KernelModule.enter();
        int places = Math.min(batch, encoded.size());
        int capacity = encoded.stream().mapToInt(Prompt::capacity).max().orElse(1);
        try (CachedTexts texts = texts(Math.max(1, places), capacity)) {
            new SideBySide(texts, places, choice, (prompt, continued) -> results.add(prompt, text(prompt, continued)))
                    .run(encoded);
        }
        return results.all();
    }

    private GeneratedText text(Prompt prompt, Continued continued) {
        TextStream stream = new TextStream(trained.tokenizer(), prompt.given());
        stream.finish(continued.ids());
        return prompt.result(continued, stream.text(), trained.tokenizer());
    }

    private CachedTexts texts(int rows, int capacity) {
        return new CachedTexts(trained.inference(), trained.tokenizer().vocabularySize(), rows, capacity);
    }

    private List<Prompt> encode(List<String> prompts, int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException(tokens + " tokens were asked for, but at least 1 is needed");
        }
        int longest = trained.sequenceLength();
        List<Prompt> encoded = IntStream.range(0, prompts.size())
                .mapToObj(number -> Prompt.of(number, prompts.get(number), trained.tokenizer(), tokens, longest))
                .toList();
        List<Prompt> tooLong = encoded.stream()
                .filter(prompt -> prompt.context().size() > longest)
                .toList();
        if (!tooLong.isEmpty()) {
            refuse(tooLong.get(0), tooLong.size(), prompts.size(), longest);
        }
        return encoded;
    }

    private void refuse(Prompt prompt, int tooLong, int prompts, int longest) {
        String which = prompts == 1 ? "the prompt" : "prompt " + (prompt.number() + 1) + " of " + prompts;
        String others = tooLong == 1 ? "" : " (" + (tooLong - 1) + " more are too long, too)";
        throw new InputException(
                InputException.Kind.CONFIGURATION,
                which + " has " + prompt.context().size() + " tokens but the model of " + trained.checkpointFolder()
                        + " can look at " + longest + others + "; shorten " + (prompts == 1 ? "the prompt" : "it"));
    }

    private static void tell(String text, Consumer<String> listener) {
        if (!text.isEmpty()) {
            listener.accept(text);
        }
    }

    /** Passes texts on in the order of their prompts. */
    private static final class InOrder {
        private final List<GeneratedText> texts;
        private final List<Boolean> present;
        private final Consumer<GeneratedText> listener;
        private int told;

        InOrder(int count, Consumer<GeneratedText> listener) {
            GeneratedText none = new GeneratedText("", "", List.of(), List.of(), GeneratedText.Stop.TOKENS);
            texts = new ArrayList<>(Collections.nCopies(count, none));
            present = new ArrayList<>(Collections.nCopies(count, false));
            this.listener = listener;
        }

        void add(Prompt prompt, GeneratedText text) {
            texts.set(prompt.number(), text);
            present.set(prompt.number(), true);
            while (told < texts.size() && present.get(told)) {
                listener.accept(texts.get(told++));
            }
        }

        List<GeneratedText> all() {
            return List.copyOf(texts);
        }
    }
}
