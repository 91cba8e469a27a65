package io.github.gptmoe.eval.scoring;

import io.github.gptmoe.core.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a model cannot score is refused before anything is computed. */
final class PromptChecks {
    private PromptChecks() {}

    static void requireUsable(List<CandidatePrompt> prompts, ScoreParts parts, ModelConfig model) {
        for (int i = 0; i < prompts.size(); i++) {
            CandidatePrompt prompt = prompts.get(i);
            int positions = prompt.positions(parts);
            if (positions > model.sequenceLength()) {
                throw new IllegalArgumentException(
                        "prompt " + i + " takes " + positions + " positions and the model has " + model.sequenceLength()
                                + "; cut the text before it is made a prompt");
            }
            int number = i;
            tokens(prompt)
                    .filter(id -> id < 0 || id >= model.vocabulary())
                    .findFirst()
                    .ifPresent(id -> {
                        throw new IllegalArgumentException("prompt " + number + ": id " + id
                                + " is not below the vocabulary size " + model.vocabulary());
                    });
        }
    }

    private static IntStream tokens(CandidatePrompt prompt) {
        return Stream.concat(Stream.of(prompt.before(), prompt.after()), prompt.candidates().stream())
                .flatMapToInt(Arrays::stream);
    }
}
