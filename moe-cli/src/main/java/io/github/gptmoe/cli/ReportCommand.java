package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.eval.report.RunReport;
import io.github.gptmoe.eval.report.RunValues;
import io.github.gptmoe.train.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moe report}: the curves of one run, or of several over each other. */
@Command(
        name = "report",
        description = "Writes a page with the curves and final values of a run, or one that compares several.",
        footer = {
            "",
            "Runs may be unfinished. The page needs no other file; --svg writes the plots for use in documents.",
            "Example: moe report runs/first runs/second --out comparison.html"
        })
final class ReportCommand extends BaseCommand {

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run folders.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<Path> runs;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "Where to write the page; default: report.html in the run's folder, or of several runs in the"
                    + " working folder.")
    private @Nullable Path out;

    @Option(
            names = "--svg",
            paramLabel = "DIR",
            description = "Also write each plot to a file of its own in this folder.")
    private @Nullable Path svg;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param report the page
     * @param svg the plots' files; empty unless asked for
     * @param runs final values
     * @param differences settings that the runs do not share: key to the value in each run
     */
    record Written(String report, List<String> svg, List<RunValues> runs, Map<String, List<String>> differences) {}

    @Override
    int run() throws JsonProcessingException {
        RunReport report = RunReport.read(runs);
        report.remarks().forEach(err()::println);
        Path page = page();
        report.write(page);
        List<Path> plots = svg == null ? List.of() : report.writeSvg(svg);
        if (json.asked()) {
            JsonOption.print(
                    out(),
                    new Written(
                            page.toString(),
                            plots.stream().map(Path::toString).toList(),
                            report.values(),
                            report.differences()));
        } else {
            out().println(page);
            plots.forEach(out()::println);
        }
        return ExitCode.DONE;
    }

    private Path page() {
        if (out != null) {
            return out;
        }
        return runs.size() == 1 ? new RunFolder(runs.get(0)).report() : Path.of("report.html");
    }
}
