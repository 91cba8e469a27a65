package io.github.gptmoe.data.clean;

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
public record CleanRequest(List<InputFile> inputs, Path out, CleanConfig config, RowRules rows, int threads) {}
