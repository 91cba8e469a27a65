package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanCounts;
import io.github.gptmoe.data.clean.CleanManifest;
import io.github.gptmoe.data.clean.CleanRequest;
import io.github.gptmoe.data.clean.CleanRun;
import io.github.gptmoe.eval.report.CleaningPage;
import io.github.gptmoe.train.config.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe data clean}: rules over every document. */
@Command(
        name = "clean",
        description = "Cleans text by rules and counts what each rule changed and dropped.",
        footer = {
            "",
            "DIR/manifest.json has counts and samples, DIR/report.html shows them. Rules: docs/data-cleaning.md.",
            "Example: moe data clean --input corpus --out cleaned --set simplified.enabled=true"
        })
final class CleanCommand extends BaseCommand {
    private static final String PAGE = "report.html";

    @Mixin
    private TextPassOptions pass = new TextPassOptions();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "standard",
            description = "Which rules: a YAML file, or a name of configs/clean; default standard.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String config;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Override a key of the config, for example --set html.enabled=false. Repeatable.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param out the output folder
     * @param seconds how long it took; little if all files were done before
     * @param totals counts over all files
     */
    record Cleaned(String out, double seconds, CleanCounts totals) {}

    @Override
    int run() throws JsonProcessingException {
        CleanConfig rules = ConfigLoader.loadCleaning(config, sets);
        CleanRequest request = new CleanRequest(pass.inputs(), pass.out(), rules, pass.rows(), pass.threads());
        PassProgress progress = new PassProgress(err(), Terminal.errorColumns()).connected();
        long start = System.nanoTime();
        CleanManifest manifest;
        try {
            manifest = new CleanRun(request, progress).run();
        } catch (StoppedException early) {
            err().println(early.getMessage());
            return ExitCode.STOPPED;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Path page = pass.out().resolve(PAGE);
        CleaningPage.write(manifest, page);
        if (json.asked()) {
            JsonOption.print(out(), new Cleaned(pass.out().toString(), seconds, manifest.totals()));
        } else {
            tell(manifest.totals(), seconds);
            pass.tellQuarantine(manifest.rows().skipped(), out());
            out().println("report " + page);
        }
        return ExitCode.DONE;
    }

    private void tell(CleanCounts totals, double seconds) {
        out().printf(
                        Locale.ROOT,
                        "%,d documents: %,d unchanged, %,d changed, %,d dropped; %.1f MB of text in, %.1f MB out, %.1f s%n",
                        totals.documents(),
                        totals.unchanged(),
                        totals.changed(),
                        totals.dropped(),
                        totals.before().bytes() / 1e6,
                        totals.after().bytes() / 1e6,
                        seconds);
        totals.rules()
                .forEach((rule, count) -> out().printf(
                                Locale.ROOT,
                                "  %-12s %,9d changed %,9d dropped%n",
                                rule,
                                count.changed(),
                                count.dropped()));
    }
}
