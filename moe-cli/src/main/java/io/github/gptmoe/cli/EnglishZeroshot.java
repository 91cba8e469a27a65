package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.english.EnglishRequest;
import io.github.gptmoe.eval.english.EnglishResult;
import io.github.gptmoe.eval.english.EnglishRun;
import io.github.gptmoe.eval.english.EnglishText;
import io.github.gptmoe.eval.zeroshot.ResultFile;
import java.io.PrintWriter;
import java.util.List;

/** The English tasks of {@code moe zeroshot}, whose prompts and rules are fixed. */
record EnglishZeroshot(EnglishRequest request, TaskProgress progress, PrintWriter out, boolean json) {
    /** Options that say nothing to them. */
    static final List<String> FOREIGN = List.of(
            "--split", "--patterns", "--rule", "--keep-classes", "--few-shot", "--no-sharing", "--no-submission");

    void run(TrainedModel trained) throws JsonProcessingException {
        List<EnglishResult> results = new EnglishRun(trained, request, progress).run();
        ResultFile.write(request.out().resolve("results.json"), results);
        if (json) {
            JsonOption.print(out, results.size() == 1 ? results.get(0) : results);
        } else {
            results.forEach(result -> out.print(EnglishText.of(result)));
        }
    }
}
