package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.eval.LongTexts;
import io.github.gptmoe.eval.ScoredText;
import io.github.gptmoe.eval.SequenceScorer;
import io.github.gptmoe.eval.TrainedModel;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe score}: how probable each token of a text is. */
@Command(
        name = "score",
        description = "Prints the log-probability of every token of a text, computed in FP32.",
        footer = {
            "",
            "The value of a token is the natural log of its probability given all tokens before it; the first has none.",
            "Example: moe score --checkpoint runs/quickstart --text 今天天气很好 --json"
        })
final class ScoreCommand extends BaseCommand {

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(names = "--text", required = true, paramLabel = "TEXT", description = "Text to score.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private String text;

    @Option(
            names = "--window",
            description = "Score a text that is too long for the model in windows that overlap by half.")
    private boolean window;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        try (TrainedModel trained = TrainedModel.open(checkpoint.path(), Precision.FP32)) {
            ScoredText scored = new SequenceScorer(trained, window ? LongTexts.WINDOW : LongTexts.REFUSE).score(text);
            if (json.asked()) {
                JsonOption.print(out(), scored);
            } else {
                print(scored);
            }
        }
        return ExitCode.DONE;
    }

    private void print(ScoredText scored) {
        for (int i = 0; i < scored.tokens().size(); i++) {
            Double logProbability = scored.logProbabilities().get(i);
            out().printf(
                            Locale.ROOT,
                            "%10s  %6d  %s%n",
                            logProbability == null ? "" : String.format(Locale.ROOT, "%.4f", logProbability),
                            scored.ids().get(i),
                            scored.tokens().get(i));
        }
        out().printf(Locale.ROOT, "sum %.4f  perplexity %.2f%n", scored.sum(), scored.perplexity());
    }
}
