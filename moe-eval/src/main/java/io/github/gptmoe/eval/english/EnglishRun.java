package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.task.DrawnRows;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.task.Prediction;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Evaluates a model on English tasks: reads rows, scores them, counts, and writes predictions. */
public final class EnglishRun {
    /** Questions scored between two reports of progress. */
    private static final int SLICE = 256;

    private final TrainedModel trained;
    private final EnglishRequest request;
    private final ZeroShotListener listener;
    private final LoglikelihoodScorer scorer;

    /**
     * Describes an evaluation.
     *
     * @param trained the model; stays open while this runs
     * @param request what is evaluated
     * @param listener hears of progress
     */
    public EnglishRun(TrainedModel trained, EnglishRequest request, ZeroShotListener listener) {
        this.trained = trained;
        this.request = request;
        this.listener = listener;
        scorer = new LoglikelihoodScorer(trained);
    }

    /**
     * Runs.
     *
     * @return a result for each task, in their order
     * @throws InputException if a file is missing or a row cannot be used; all files are read before anything is scored
     */
    public List<EnglishResult> run() {
        List<EnglishTask> tasks = request.tasks().stream().map(EnglishTasks::of).toList();
        List<EnglishFile> files = tasks.stream()
                .map(task -> EnglishFile.read(task, request.data()))
                .toList();
        List<EnglishResult> results = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            results.add(evaluate(tasks.get(i), files.get(i)));
        }
        return results;
    }

    private EnglishResult evaluate(EnglishTask task, EnglishFile file) {
        if (file.others() > 0) {
            listener.message(task.name() + ": " + file.others() + " rows of "
                    + file.file().getFileName() + " are of another level and are not asked about");
        }
        List<EnglishQuestion> questions = DrawnRows.of(file.questions(), request.limit(), request.seed());
        List<List<LoglikelihoodRequest>> requests =
                questions.stream().map(this::requests).toList();
        String split = split(task);
        tellUnknown(task, requests);
        long start = System.nanoTime();
        List<List<LoglikelihoodAnswer>> answers = answers(task.name(), split, requests);
        double seconds = (System.nanoTime() - start) * 1e-9;
        EnglishResult.Found found = found(task, questions, answers);
        PredictionFile.write(
                request.out().resolve(PredictionFile.name(task.name(), split)), task.labels(), found.predictions());
        int cut = count(requests, one -> one.cutTokens() > 0);
        if (cut > 0) {
            listener.message(task.name() + ": " + cut + " contexts were too long for " + trained.sequenceLength()
                    + " tokens; their beginnings were cut");
        }
        int cutCandidates = count(requests, LoglikelihoodRequest::continuationCut);
        if (cutCandidates > 0) {
            listener.message(
                    task.name() + ": in " + cutCandidates + " questions a candidate alone was too long; only its last "
                            + trained.sequenceLength() + " tokens were scored");
        }
        return EnglishResult.of(task, new EnglishResult.Facts(split, seconds, cut, cutCandidates), found);
    }

    /** Questions with a request of some kind. */
    private static int count(List<List<LoglikelihoodRequest>> requests, Predicate<LoglikelihoodRequest> kind) {
        return (int)
                requests.stream().filter(ofRow -> ofRow.stream().anyMatch(kind)).count();
    }

    /** From {@code piqa_valid.jsonl} the part after the last underscore. */
    private static String split(EnglishTask task) {
        String file = task.file();
        return file.substring(file.lastIndexOf('_') + 1, file.indexOf('.'));
    }

    private List<LoglikelihoodRequest> requests(EnglishQuestion question) {
        List<LoglikelihoodRequest> requests = new ArrayList<>();
        for (String candidate : question.candidates()) {
            try {
                requests.add(LoglikelihoodRequest.of(
                        trained.tokenizer(), question.context(), " " + candidate, trained.sequenceLength()));
            } catch (IllegalArgumentException unusable) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        question.place() + ": " + unusable.getMessage() + "; repair the row, or use another model",
                        unusable);
            }
        }
        return requests;
    }

    private void tellUnknown(EnglishTask task, List<List<LoglikelihoodRequest>> requests) {
        Tokenizer tokenizer = trained.tokenizer();
        long unknown = requests.stream()
                .filter(ofRow -> ofRow.stream()
                        .flatMapToInt(one -> Arrays.stream(one.continuation()))
                        .anyMatch(id -> id == tokenizer.unknownId()))
                .count();
        if (unknown > 0) {
            listener.message(
                    task.name() + ": in " + unknown + " of " + requests.size()
                            + " questions the tokenizer does not know a part of a candidate; its score is that of the unknown token");
        }
    }

    private List<List<LoglikelihoodAnswer>> answers(
            String task, String split, List<List<LoglikelihoodRequest>> requests) {
        List<List<LoglikelihoodAnswer>> answers = new ArrayList<>();
        for (int from = 0; from < requests.size(); from += SLICE) {
            List<List<LoglikelihoodRequest>> slice = requests.subList(from, Math.min(from + SLICE, requests.size()));
            List<LoglikelihoodAnswer> flat =
                    scorer.score(slice.stream().flatMap(List::stream).toList());
            int at = 0;
            for (List<LoglikelihoodRequest> ofRow : slice) {
                answers.add(flat.subList(at, at + ofRow.size()));
                at += ofRow.size();
            }
            listener.scored(task, split, answers.size(), requests.size());
        }
        return answers;
    }

    private static EnglishResult.Found found(
            EnglishTask task, List<EnglishQuestion> questions, List<List<LoglikelihoodAnswer>> answers) {
        List<Prediction> predictions = new ArrayList<>();
        int[] right = new int[questions.size()];
        int[] rightPerCharacter = new int[right.length];
        double[] logLikelihoods = new double[right.length];
        for (int i = 0; i < right.length; i++) {
            EnglishQuestion question = questions.get(i);
            List<LoglikelihoodAnswer> ofRow = answers.get(i);
            int chosen = task.chosen(question, ofRow);
            right[i] = chosen == question.gold() ? 1 : 0;
            if (task.perCharacter()) {
                rightPerCharacter[i] = MostLikely.firstPerCharacter(question, ofRow) == question.gold() ? 1 : 0;
            }
            logLikelihoods[i] = ofRow.get(0).logLikelihood();
            predictions.add(new Prediction(
                    Math.toIntExact(question.line()),
                    question.id(),
                    question.gold(),
                    chosen,
                    task.scores(question, ofRow)));
        }
        return new EnglishResult.Found(predictions, right, rightPerCharacter, logLikelihoods);
    }
}
