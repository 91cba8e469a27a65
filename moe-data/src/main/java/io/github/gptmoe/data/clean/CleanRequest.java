package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.corpus.InputFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What to clean.
 *
 * @param inputs text files
 * @param out the output folder
 * @param config which rules, without problems
 * @param badRows what to do with rows that cannot be used
 * @param threads threads that clean; the result is the same for any number
 */
public record CleanRequest(List<InputFile> inputs, Path out, CleanConfig config, BadRows badRows, int threads) {}
