package io.github.gptmoe.data.clean;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.corpus.InputFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What to clean.
 *
 * @param inputs text files
 * @param out the output folder
 * @param config which rules, without problems
 * @param rows what to do with rows that cannot be used
 * @param threads threads that clean; the result is the same for any number
 */
public record CleanRequest(List<InputFile> inputs, Path out, CleanConfig config, RowRules rows, int threads) {

    /**
     * What decides what becomes of a file.
     *
     * @param settings {@link CleanConfig#digest()}
     * @param input the file
     * @return a digest
     */
    public String key(String settings, InputFile input) {
        List<String> decisive = List.of(settings, rows.identity(), String.valueOf(config.samples()), input.identity());
        return Hashes.sha256(String.join("\n", decisive).getBytes(UTF_8));
    }
}
