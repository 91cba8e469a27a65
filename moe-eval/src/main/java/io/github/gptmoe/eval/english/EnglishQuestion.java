package io.github.gptmoe.eval.english;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;

/**
 * A row as a model is asked about it.
 *
 * @param file where it was read
 * @param line its line there, from 1
 * @param id its id, or its line where the file has none
 * @param context what stands before the candidates
 * @param candidates what may follow, without the space before it, at least one
 * @param gold number of the right one; 0 where any of them is right
 */
public record EnglishQuestion(Path file, long line, JsonNode id, String context, List<String> candidates, int gold) {
    /**
     * Copies the list.
     *
     * @param file as above
     * @param line as above
     * @param id as above
     * @param context as above
     * @param candidates as above
     * @param gold as above
     */
    public EnglishQuestion {
        candidates = List.copyOf(candidates);
    }

    /** Where it is, to begin a message with. */
    String place() {
        return file + ", line " + line;
    }
}
