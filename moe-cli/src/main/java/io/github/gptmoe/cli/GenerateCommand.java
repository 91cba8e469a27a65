package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.eval.BeamSearch;
import io.github.gptmoe.eval.Decoding;
import io.github.gptmoe.eval.GeneratedText;
import io.github.gptmoe.eval.Generator;
import io.github.gptmoe.eval.Greedy;
import io.github.gptmoe.eval.Sampling;
import io.github.gptmoe.eval.TopK;
import io.github.gptmoe.eval.TopP;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe generate}: lets a trained model continue a text. */
@Command(
        name = "generate",
        description = "Continues one text or many with a trained model.",
        footer = {
            "",
            "Several prompts are continued side by side. What becomes of each depends on --seed and its number alone, not on",
            "the others, up to rounding: in BF16 another batch size may turn a near tie.",
            "--json prints an object for one --prompt, and an array of them for several or for --prompts.",
            "Example: moe generate --checkpoint runs/quickstart --prompt 今天 --tokens 100"
        })
final class GenerateCommand extends BaseCommand {

    private static final double TEMPERATURE = 0.8;

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "Text to continue, repeatable; empty (default) begins a document.")
    private @Nullable List<String> prompts;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "File of prompts, UTF-8, one a line, an empty line begins a document; - is standard input.")
    private @Nullable String promptFile;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Most prompts side by side; more are faster and take more memory; default ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most tokens to add; default ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Divides the logits: 0 always takes the most probable token; default " + TEMPERATURE + ".")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K most probable tokens only.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the most probable tokens that together have probability P.")
    private @Nullable Double topP;

    @Option(names = "--beam", paramLabel = "W", description = "Search with a beam of W texts instead of drawing.")
    private @Nullable Integer beam;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the draws; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|fp16",
            description = "Of weights and activations; default: that of the training run.")
    private @Nullable Precision precision;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return beam == null
                ? "lower --batch, or give shorter prompts"
                : "lower --batch or --beam, whose product is the number of texts side by side";
    }

    @Override
    int run() throws JsonProcessingException {
        if (tokens < 1) {
            throw mistake("--tokens must be at least 1");
        }
        if (batch < 1) {
            throw mistake("--batch must be at least 1");
        }
        Decoding decoding = decoding();
        List<String> texts = texts();
        try (TrainedModel trained = open()) {
            Generator generator = new Generator(trained);
            if (promptFile == null && texts.size() == 1) {
                one(generator, texts.get(0), decoding);
            } else {
                many(generator, texts, decoding);
            }
        }
        return ExitCode.DONE;
    }

    private TrainedModel open() {
        return precision == null
                ? TrainedModel.open(checkpoint.path())
                : TrainedModel.open(checkpoint.path(), precision);
    }

    private List<String> texts() {
        if (prompts != null && promptFile != null) {
            throw mistake("give --prompt or --prompts, not both");
        }
        if (promptFile != null) {
            return PromptLines.read(promptFile);
        }
        return prompts == null ? List.of("") : prompts;
    }

    private void one(Generator generator, String prompt, Decoding decoding) throws JsonProcessingException {
        if (json.asked()) {
            JsonOption.print(out(), generator.generate(prompt, tokens, decoding, piece -> {}));
            return;
        }
        Shown shown = new Shown(prompt);
        GeneratedText text = generator.generate(prompt, tokens, decoding, shown::add);
        shown.end();
        err().println(ending(text));
    }

    private void many(Generator generator, List<String> texts, Decoding decoding) throws JsonProcessingException {
        if (json.asked()) {
            JsonOption.print(out(), generator.generate(texts, tokens, decoding, batch, text -> {}));
            return;
        }
        AtomicInteger number = new AtomicInteger();
        generator.generate(texts, tokens, decoding, batch, text -> {
            int current = number.incrementAndGet();
            out().println("== " + current + " of " + texts.size());
            out().println(text.prompt() + text.text());
            out().flush();
            err().println(current + " of " + texts.size() + ": " + ending(text));
        });
    }

    /** Text on standard output. The prompt comes with what follows it, because it may be refused until then. */
    private final class Shown {
        private final String prompt;
        private boolean begun;

        Shown(String prompt) {
            this.prompt = prompt;
        }

        void add(String piece) {
            begin();
            out().print(piece);
            out().flush();
        }

        void end() {
            begin();
            out().println();
        }

        private void begin() {
            if (!begun) {
                begun = true;
                out().print(prompt);
            }
        }
    }

    private static String ending(GeneratedText text) {
        String reason = switch (text.stop()) {
            case END_OF_DOCUMENT -> "the document ended";
            case TOKENS -> "as many as --tokens asked for";
            case CONTEXT -> "the model can look at no more";
        };
        return text.ids().size() + " tokens: " + reason;
    }

    private Decoding decoding() {
        try {
            if (beam != null) {
                requireNothingDrawn();
                return new BeamSearch(beam, 1);
            }
            List<Truncation> truncations = new ArrayList<>();
            if (topK != null) {
                truncations.add(new TopK(topK));
            }
            if (topP != null) {
                truncations.add(new TopP(topP));
            }
            double chosen = temperature == null ? TEMPERATURE : temperature;
            return chosen == 0 ? new Greedy() : new Sampling(chosen, truncations, seed);
        } catch (IllegalArgumentException outOfRange) {
            throw mistake(String.valueOf(outOfRange.getMessage()));
        }
    }

    private void requireNothingDrawn() {
        if (temperature != null || topK != null || topP != null) {
            throw mistake("--beam draws nothing: leave out --temperature, --top-k and --top-p, or leave out --beam");
        }
    }
}
