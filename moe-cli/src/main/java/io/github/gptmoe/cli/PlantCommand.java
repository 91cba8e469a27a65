package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.dedup.EvaluationData;
import io.github.gptmoe.data.plant.FaultCheck;
import io.github.gptmoe.data.plant.FaultPlanter;
import io.github.gptmoe.data.plant.FaultScore;
import io.github.gptmoe.data.plant.PlantRequest;
import io.github.gptmoe.train.config.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe data plant}: known faults in a copy of a corpus, and how many of them are found. */
@Command(
        name = "plant",
        description = "Plants known faults in a copy of a corpus; with --check, measures how many of them are found.",
        footer = {
            "",
            "scripts/plant-faults.sh CORPUS WORK [EVALUATION...] does all of it: plant, dedup, check.",
            "Example: moe data plant --input corpus --out planted --against data/zeroclue/*/test*"
        })
final class PlantCommand extends BaseCommand {
    private static final double MOST_SHARE = 0.1;
    private static final int LEAST_EVALUATION = 30;

    @Option(names = "--input", arity = "1..*", paramLabel = "FILE", description = "Text files, which stay as they are.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Where DIR/corpus and DIR/faults.jsonl are written.")
    private @Nullable Path out;

    @Option(
            names = "--against",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Evaluation data, as for dedup, texts of which are planted.")
    private List<Path> against = new ArrayList<>();

    @Option(
            names = "--fields",
            split = ",",
            paramLabel = "NAME",
            description = "Fields of evaluation rows; default all.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--share",
            paramLabel = "P",
            defaultValue = "0.02",
            description = "Share of documents for each of the nine kinds of faults; default 0.02.")
    private double share;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of all choices; default 1.")
    private long seed;

    @Option(names = "--check", paramLabel = "DIR", description = "What was planted: measure instead.")
    private @Nullable Path check;

    @Option(
            names = "--deduplicated",
            paramLabel = "DIR",
            description = "With --check: where dedup wrote its output for DIR/corpus.")
    private @Nullable Path deduplicated;

    @Option(
            names = "--near",
            paramLabel = "J",
            defaultValue = "0.8",
            description = "With --check: the similarity that dedup was called with; default 0.8.")
    private double near;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "standard",
            description = "With --check: which cleaning rules; default standard.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String config;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * A row of {@code --json}.
     *
     * @param kind of fault
     * @param planted documents with it
     * @param found those that were found
     * @param restored those whose text came back
     * @param recall found by planted
     * @param precision found by all that the rule acted on
     */
    record Score(String kind, long planted, long found, long restored, double recall, double precision) {
        static Score of(FaultScore score) {
            return new Score(
                    score.kind(), score.planted(), score.found(), score.restored(), score.recall(), score.precision());
        }
    }

    @Override
    int run() throws JsonProcessingException {
        return check == null ? plant() : measure(check);
    }

    private int plant() throws JsonProcessingException {
        Path target = out;
        if (inputs.isEmpty() || target == null) {
            throw mistake("--input and --out are needed to plant, or --check to measure");
        }
        if (!(share > 0 && share <= MOST_SHARE)) {
            throw mistake("--share " + share + " must be above 0 and at most " + MOST_SHARE);
        }
        List<String> texts = against.isEmpty()
                ? List.of()
                : EvaluationData.texts(EvaluationData.files(against), fields, LEAST_EVALUATION);
        List<InputFile> files = InputFile.of(CorpusFiles.ofOption("--input", inputs));
        long planted = new FaultPlanter(new PlantRequest(files, target, share, seed, texts)).plant();
        if (json.asked()) {
            JsonOption.print(out(), Map.of("out", target.toString(), "planted", planted));
        } else {
            out().printf(
                            Locale.ROOT,
                            "%,d faults in %s, listed in %s%n",
                            planted,
                            target.resolve(FaultPlanter.CORPUS),
                            target.resolve(FaultPlanter.FAULTS));
        }
        return ExitCode.DONE;
    }

    private int measure(Path planted) throws JsonProcessingException {
        FaultCheck faults = new FaultCheck(planted);
        List<FaultScore> scores = new ArrayList<>(faults.cleaning(ConfigLoader.loadCleaning(config, List.of())));
        if (deduplicated != null) {
            scores.addAll(faults.deduplication(deduplicated, near));
        }
        if (json.asked()) {
            JsonOption.print(out(), scores.stream().map(Score::of).toList());
            return ExitCode.DONE;
        }
        out().printf(
                        Locale.ROOT,
                        "%-11s %8s %8s %8s %8s %9s%n",
                        "kind",
                        "planted",
                        "found",
                        "restored",
                        "recall",
                        "precision");
        for (FaultScore score : scores) {
            out().printf(
                            Locale.ROOT,
                            "%-11s %,8d %,8d %,8d %8.4f %9.4f%n",
                            score.kind(),
                            score.planted(),
                            score.found(),
                            score.restored(),
                            score.recall(),
                            score.precision());
        }
        return ExitCode.DONE;
    }
}
