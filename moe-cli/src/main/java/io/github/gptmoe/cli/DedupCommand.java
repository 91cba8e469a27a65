package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.dedup.Banding;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupCounts;
import io.github.gptmoe.data.dedup.DedupManifest;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.data.dedup.EvaluationData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe data dedup}: documents that are there already, and those that give evaluation data away. */
@Command(
        name = "dedup",
        description = "Removes equal and similar documents, and documents with evaluation data.",
        footer = {
            "",
            "Texts are compared by their letters and digits alone. Of duplicates the first stays, in the order of --input.",
            "DIR/removed.ndjson lists what was removed and why, DIR/manifest.json has counts.",
            "Example: moe data dedup --input cleaned --out unique --against data/zeroclue/*/test*"
        })
final class DedupCommand extends BaseCommand {

    @Mixin
    private TextPassOptions pass = new TextPassOptions();

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
            description = "Evaluation data: JSON Lines files, or folders of them.")
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

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param out the output folder
     * @param seconds how long it took
     * @param totals counts over all files
     * @param search what looking for similar documents took
     */
    record Deduplicated(String out, double seconds, DedupCounts totals, DedupManifest.Search search) {}

    @Override
    @SuppressWarnings("NullAway") // null asks the settings for their defaults
    int run() throws JsonProcessingException {
        DedupConfig config = new DedupConfig(near, shingle, hashes, recall, ngram, overlap, shortest, cut);
        if (!config.problems().isEmpty()) {
            throw mistake(config.problems().entrySet().stream()
                    .map(problem -> "--" + problem.getKey() + " " + problem.getValue())
                    .collect(Collectors.joining("\n")));
        }
        if (against.isEmpty() && (cut || !fields.isEmpty())) {
            throw mistake((cut ? "--cut" : "--fields") + " belongs to --against");
        }
        DedupRequest request = new DedupRequest(
                pass.inputs(), pass.out(), config, EvaluationData.files(against), fields, pass.rows(), pass.threads());
        PassProgress progress = new PassProgress(err(), Terminal.errorColumns()).connected();
        long start = System.nanoTime();
        DedupManifest manifest;
        try {
            manifest = new DedupRun(request, progress).run();
        } catch (StoppedException early) {
            err().println(early.getMessage());
            return ExitCode.STOPPED;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json.asked()) {
            JsonOption.print(
                    out(), new Deduplicated(pass.out().toString(), seconds, manifest.totals(), manifest.search()));
        } else {
            tell(manifest, seconds);
            pass.tellQuarantine(
                    manifest.files().stream()
                            .mapToLong(file -> file.rows().skipped())
                            .sum(),
                    out());
        }
        return ExitCode.DONE;
    }

    private void tell(DedupManifest manifest, double seconds) {
        DedupCounts totals = manifest.totals();
        out().printf(
                        Locale.ROOT,
                        "%,d documents: %,d kept, %,d equal, %,d similar, %,d contaminated, %,d cut; %.1f s%n",
                        totals.documents(),
                        totals.kept(),
                        totals.exact(),
                        totals.near(),
                        totals.contaminated(),
                        totals.cut(),
                        seconds);
        Banding banding = manifest.banding();
        if (banding != null) {
            out().printf(
                            Locale.ROOT,
                            "  %d bands of %d values: %.3f of the pairs at similarity %s are looked at; %,d pairs compared, %,d"
                                    + " of large buckets left out%n",
                            banding.bands(),
                            banding.rows(),
                            banding.probability(manifest.config().near()),
                            manifest.config().near(),
                            manifest.search().compared(),
                            manifest.search().leftOut());
        }
        DedupManifest.Evaluation evaluation = manifest.evaluation();
        if (evaluation != null) {
            out().printf(
                            Locale.ROOT,
                            "  %,d evaluation texts, %,d of which cannot be found: shorter than --ngram (see --shortest), or"
                                    + " without words of their own%n",
                            evaluation.texts(),
                            evaluation.unsearchable());
        }
        out().println("list " + pass.out().resolve(DedupRun.REMOVED));
    }
}
