package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.DataConfig;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.SegmentWeights;
import io.github.gptmoe.data.task.FewShot;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TokenizerFile;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import io.github.gptmoe.train.RunCheckpoint;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.config.AdaptConfig;
import io.github.gptmoe.train.config.AdaptationConfig;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Domain re-adaptation: continued pretraining on a task's own text, in the pattern that the task will be asked with, with labels
 * that nobody gave.
 *
 * <pre>
 * for each round:
 *   labels = labeller(texts)                      words alone, the model of the round before, or where both agree
 *   text   = pattern(text, label) for each row    rows without a sure label: the bare text
 *   model  = train(checkpoint's weights, text)    loss = a context + b prompt + c label + d MoE
 * </pre>
 *
 * <p>Each round starts from the same checkpoint, so that errors of a round's labels are not trained on twice. The last round's
 * run is the result; those before lie in its folder {@code rounds/}. The same call continues where it stopped.
 */
public final class AdaptationRun {
    /** The rule whose scores are log-probabilities of a label and everything behind it. */
    private static final String PROBABILITY = "tail-likelihood";

    private final AdaptationRequest request;
    private final AdaptationConfig config;
    private final BiFunction<RunConfig, RunFolder, RunSummary> trainer;
    private final Consumer<String> told;
    private final List<AdaptedRound> rounds = new ArrayList<>();

    /**
     * Describes an adaptation; nothing is read or written yet.
     *
     * @param request what is adapted to what
     * @param trainer trains a run to its end, or until it is stopped
     * @param told hears what was chosen
     * @throws InputException if the configuration does not fit the tasks
     */
    public AdaptationRun(
            AdaptationRequest request, BiFunction<RunConfig, RunFolder, RunSummary> trainer, Consumer<String> told) {
        this.request = request;
        this.trainer = trainer;
        this.told = told;
        config = request.config().apply(List.of());
        ZeroShotSettings asked = ZeroShotSettings.of(config.adapt().patterns());
        request.tasks().forEach(asked::rule); // refuses what a task does not have
        int shares = config.adapt().mixing().size();
        if (shares != 0 && shares != request.tasks().size()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "adapt.mixing has " + shares + " shares for "
                            + request.tasks().size() + " tasks; give one each, or leave it empty");
        }
    }

    /**
     * Labels and trains, round after round.
     *
     * @return the summary of the last round that was begun; it is finished if all rounds are
     */
    public RunSummary run() {
        RunCheckpoint base = RunCheckpoint.of(request.checkpoint(), told);
        if (request.out()
                .toAbsolutePath()
                .normalize()
                .equals(base.run().path().toAbsolutePath().normalize())) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    request.out() + " is the run that is adapted; choose another --out");
        }
        List<String> labellers = config.adapt().labellers();
        Path asked = request.checkpoint();
        for (int round = 1; ; round++) {
            boolean last = round == labellers.size();
            RunFolder folder = new RunFolder(
                    last ? request.out() : request.out().resolve("rounds").resolve(Integer.toString(round)));
            RunSummary summary = round(round, base, asked, folder);
            if (last || !summary.finished()) {
                return summary;
            }
            asked = folder.path();
        }
    }

    /**
     * What each round was made of.
     *
     * @return the rounds that {@link #run} has begun, in order
     */
    public List<AdaptedRound> rounds() {
        return List.copyOf(rounds);
    }

    private RunSummary round(int round, RunCheckpoint base, Path asked, RunFolder folder) {
        RoundText text = new RoundText(folder.path());
        Map<String, String> settings = settings(round, base);
        AdaptedRound made = text.made(settings).orElseGet(() -> {
            try (TrainedModel model = TrainedModel.open(asked)) {
                return prepare(round, model, folder, text, settings);
            }
        });
        AdaptedRound now = made.withSteps(
                steps(made.tokens(), base.run().readConfig().model().sequenceLength()));
        rounds.add(now);
        told.accept(text.describe(now));
        return trainer.apply(run(base, text, now.steps()), folder);
    }

    /** Everything that the text of a round follows from. */
    private Map<String, String> settings(int round, RunCheckpoint base) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("round", Integer.toString(round));
        settings.put(
                "checkpoint",
                base.checkpoint().manifest().runId() + " step "
                        + base.checkpoint().manifest().state().step());
        settings.put("train.seed", Long.toString(seed()));
        settings.put("adapt", config.adapt().toString());
        for (Task task : request.tasks()) {
            settings.put("task " + task.name(), Stamps.digest(task.toString()));
            settings.put(
                    "rows of " + task.name(),
                    Stamps.digest(Stamps.of(request.data().resolve(task.data().folder()))));
        }
        return settings;
    }

    private AdaptedRound prepare(
            int round, TrainedModel model, RunFolder folder, RoundText text, Map<String, String> settings) {
        String name = config.adapt().labellers().get(round - 1);
        TestTexts tested = config.adapt().testTexts() ? new TestTexts() : TestTexts.of(request.tasks(), request.data());
        List<LabelledRows> all = new ArrayList<>();
        List<AdaptedTask> tasks = new ArrayList<>();
        for (int i = 0; i < request.tasks().size(); i++) {
            Task task = request.tasks().get(i);
            TaskTexts texts = TaskTexts.read(task, request.data(), config.adapt(), tested, seed());
            String used = usable(name, task);
            told.accept("labelling " + texts.rows().size() + " rows of " + task.name() + " (" + used + ")");
            double[][] probabilities = labeller(used, model).probabilities(task, texts.rows());
            List<PseudoLabel> labels = PseudoLabelRule.of(config.adapt()).choose(probabilities);
            if (labels.isEmpty() && config.adapt().labelWeight() > 0) {
                told.accept("warning: no row of " + task.name() + " got a label; lower adapt.confidence");
            }
            List<Double> mixing = config.adapt().mixing();
            double share = mixing.isEmpty() ? 0 : mixing.get(i);
            all.add(new LabelledRows(task, texts.rows(), labels, given(task, tested), share));
            tasks.add(adapted(task, texts, used, labels));
        }
        AdaptationText.Written written = text.write(all, rows -> encoders(rows.task(), model), model);
        AdaptedRound made = new AdaptedRound(
                round, folder.path().toString(), settings, tasks, written.tokens(), written.heldOut(), 0);
        text.keep(made);
        return made;
    }

    private long seed() {
        return config.train().seed();
    }

    private String usable(String labeller, Task task) {
        if (!labeller.equals("model") && task.lexical() == null) {
            told.accept("task " + task.name() + " has no lexical signal in its file: the model labels it");
            return "model";
        }
        return labeller;
    }

    private Labeller labeller(String name, TrainedModel model) {
        Labeller asked = new ModelLabeller(
                model, ZeroShotSettings.of(config.adapt().patterns()).withRule(PROBABILITY));
        return switch (name) {
            case "model" -> asked;
            case "lexical" -> new LexicalLabeller();
            default -> new AgreementLabeller(new LexicalLabeller(), asked);
        };
    }

    /** Rows with their true labels, as many as were asked for; the same texts are kept from the test as elsewhere. */
    private List<TaskRow> given(Task task, TestTexts tested) {
        int count = config.adapt().fewShot();
        if (count == 0) {
            return List.of();
        }
        List<TaskRow> free = new TaskReader(task, request.data())
                .read(FewShot.DEFAULT_SPLIT).stream()
                        .filter(row -> !tested.have(row))
                        .toList();
        return FewShot.draw(task, free, count, seed());
    }

    private List<PromptEncoder> encoders(Task task, TrainedModel model) {
        return ZeroShotSettings.of(config.adapt().patterns()).set(task).patterns().stream()
                .map(pattern -> new PromptEncoder(task, pattern, model.tokenizer(), model.sequenceLength()))
                .toList();
    }

    private AdaptedTask adapted(Task task, TaskTexts texts, String labeller, List<PseudoLabel> labels) {
        Map<String, Double> perLabel = new TreeMap<>();
        labels.forEach(label -> perLabel.merge(task.labels().get(label.label()).value(), label.weight(), Double::sum));
        return new AdaptedTask(
                task.name(),
                texts.splits(),
                texts.rows().size(),
                texts.leftOut(),
                labeller,
                (int) labels.stream().mapToInt(PseudoLabel::row).distinct().count(),
                config.adapt().fewShot(),
                perLabel);
    }

    private long steps(long tokens, int sequenceLength) {
        double epochs = config.adapt().epochs();
        if (epochs == 0) {
            return config.train().totalSteps(sequenceLength);
        }
        double perStep = (double) sequenceLength * config.train().globalBatch();
        return Math.max(1, (long) Math.ceil(epochs * tokens / perStep));
    }

    private RunConfig run(RunCheckpoint base, RoundText text, long steps) {
        RunConfig before = base.run().readConfig();
        AdaptConfig adapt = config.adapt();
        AdaptationConfig round = request.config()
                .apply(List.of(
                        "train.steps=" + steps,
                        "train.initialWeights=" + base.checkpoint().folder().toAbsolutePath()));
        return new RunConfig(
                before.model().withRouter(before.model().router().withLossFactor(adapt.moeWeight())),
                data(base, text, adapt),
                round.train(),
                round.checkpoint(),
                round.report());
    }

    @SuppressWarnings("NullAway") // null asks the constructor for the default
    private static DataConfig data(RunCheckpoint base, RoundText text, AdaptConfig adapt) {
        Path tokenizer = TokenizerFile.of(base.run(), base.run().readConfig());
        return new DataConfig(
                List.of(text.file().toString()),
                List.of(text.validation().toString()),
                null,
                tokenizer.toString(),
                null,
                "fail",
                null,
                null,
                null,
                "segments",
                new SegmentWeights(adapt.contextWeight(), adapt.promptWeight(), adapt.labelWeight()));
    }
}
