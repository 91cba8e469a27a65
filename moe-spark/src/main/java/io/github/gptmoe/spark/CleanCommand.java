package io.github.gptmoe.spark;

import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanCounts;
import io.github.gptmoe.data.clean.CleanManifest;
import io.github.gptmoe.train.config.ConfigLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code clean}: rules over every document. */
@Command(name = "clean", description = "Cleans text by rules and counts what each rule changed and dropped.")
final class CleanCommand extends SparkCommand {

    @Mixin
    private PassOptions pass = new PassOptions();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "standard",
            description =
                    "Which rules: a YAML file of the driver's machine, or a name of configs/clean; default standard.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String config;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Override a key of the config, for example --set html.enabled=false. Repeatable.")
    private List<String> sets = new ArrayList<>();

    @Override
    void check() {
        if (!pass.problem().isEmpty()) {
            throw mistake(pass.problem());
        }
    }

    @Override
    void run(SparkSession session) {
        CleanConfig rules = ConfigLoader.loadCleaning(config, sets);
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        CleanManifest manifest = new CleanJob(spark, pass.request(session), rules).run();
        CleanCounts totals = manifest.totals();
        out().printf(
                        Locale.ROOT,
                        "%,d documents: %,d unchanged, %,d changed, %,d dropped; %.1f MB of text in, %.1f MB out%n",
                        totals.documents(),
                        totals.unchanged(),
                        totals.changed(),
                        totals.dropped(),
                        totals.before().bytes() / 1e6,
                        totals.after().bytes() / 1e6);
        pass.tellQuarantine(manifest.rows().skipped(), out());
        totals.rules()
                .forEach((rule, count) -> out().printf(
                                Locale.ROOT,
                                "  %-12s %,9d changed %,9d dropped%n",
                                rule,
                                count.changed(),
                                count.dropped()));
    }
}
