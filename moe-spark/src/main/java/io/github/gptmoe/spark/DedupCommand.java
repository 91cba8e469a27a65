package io.github.gptmoe.spark;

import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupCounts;
import io.github.gptmoe.data.dedup.DedupManifest;
import io.github.gptmoe.data.dedup.EvaluationData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dedup}: documents that are there already, and those that give evaluation data away. */
@Command(name = "dedup", description = "Removes equal and similar documents, and documents with evaluation data.")
final class DedupCommand extends SparkCommand {

    @Mixin
    private PassOptions pass = new PassOptions();

    @Option(
            names = "--near",
            paramLabel = "J",
            description =
                    "Least Jaccard similarity of shingles that makes duplicates; 0: equal texts alone. Default 0.8.")
    private @Nullable Double near;

    @Option(names = "--shingle", paramLabel = "N", description = "Characters of a shingle; default 5.")
    private @Nullable Integer shingle;

    @Option(names = "--hashes", paramLabel = "K", description = "Most MinHash values of a document; default 128.")
    private @Nullable Integer hashes;

    @Option(
            names = "--recall",
            paramLabel = "P",
            description = "Least share of the pairs at exactly --near that are looked at; default 0.98.")
    private @Nullable Double recall;

    @Option(
            names = "--against",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Evaluation data: JSON Lines files of the driver's machine, or folders of them.")
    private List<Path> against = new ArrayList<>();

    @Option(
            names = "--fields",
            split = ",",
            paramLabel = "NAME",
            description = "Fields of evaluation rows whose texts are looked for; default all that hold text.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--ngram",
            paramLabel = "N",
            description = "Characters of the n-grams that are compared with evaluation data; default 13.")
    private @Nullable Integer ngram;

    @Option(
            names = "--overlap",
            paramLabel = "SHARE",
            description = "Share of an evaluation text's n-grams that makes a document contaminated; default 0.3.")
    private @Nullable Double overlap;

    @Option(
            names = "--shortest",
            paramLabel = "N",
            description = "Look for evaluation texts below --ngram characters too, if they have at least N.")
    private @Nullable Integer shortest;

    @Option(
            names = "--cut",
            description = "Cut the sentences with evaluation data out of a document, instead of dropping it.")
    private boolean cut;

    @SuppressWarnings("NullAway") // null asks the settings for their defaults
    private DedupConfig config() {
        return new DedupConfig(near, shingle, hashes, recall, ngram, overlap, shortest, cut);
    }

    @Override
    void check() {
        if (!pass.problem().isEmpty()) {
            throw mistake(pass.problem());
        }
        if (!config().problems().isEmpty()) {
            throw mistake(config().problems().entrySet().stream()
                    .map(problem -> "--" + problem.getKey() + " " + problem.getValue())
                    .collect(Collectors.joining("\n")));
        }
        if (against.isEmpty() && (cut || !fields.isEmpty())) {
            throw mistake((cut ? "--cut" : "--fields") + " belongs to --against");
        }
    }

    @Override
    void run(SparkSession session) {
        List<Path> evaluation = EvaluationData.files(against);
        DedupManifest manifest = new DedupJob(session, pass.request(session), config(), evaluation, fields).run();
        DedupCounts totals = manifest.totals();
        out().printf(
                        Locale.ROOT,
                        "%,d documents: %,d kept, %,d equal, %,d similar, %,d contaminated, %,d cut%n",
                        totals.documents(),
                        totals.kept(),
                        totals.exact(),
                        totals.near(),
                        totals.contaminated(),
                        totals.cut());
        out().printf(
                        Locale.ROOT,
                        "  %,d pairs compared, %,d of large buckets left out%n",
                        manifest.search().compared(),
                        manifest.search().leftOut());
        pass.tellQuarantine(
                manifest.files().stream()
                        .mapToLong(file -> file.rows().skipped())
                        .sum(),
                out());
    }
}
