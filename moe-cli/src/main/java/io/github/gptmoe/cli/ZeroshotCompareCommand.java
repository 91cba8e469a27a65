package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.eval.task.Comparison;
import io.github.gptmoe.eval.task.ComparisonText;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code moe zeroshot compare}: whether one result is better than another beyond chance. */
@Command(
        name = "compare",
        description = "Compares two results row by row: paired bootstrap and McNemar's test.",
        footer = {"", "Example: moe zeroshot compare runs/base/zeroshot/article-auto runs/adapted/zeroshot/article-auto"
        })
final class ZeroshotCompareCommand extends BaseCommand {

    @Parameters(index = "0", paramLabel = "A", description = "Folder of results, or one predictions file.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path a;

    @Parameters(index = "1", paramLabel = "B", description = "What it is compared with.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path b;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        Comparison comparison = Comparison.of(a, b);
        if (json.asked()) {
            JsonOption.print(out(), comparison);
        } else {
            out().print(ComparisonText.of(comparison));
        }
        return ExitCode.DONE;
    }
}
