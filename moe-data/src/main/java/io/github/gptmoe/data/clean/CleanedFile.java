package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.OutputFile;

/**
 * What is remembered of a file that is done.
 *
 * @param key of the input file and the settings; the file is done again if it differs
 * @param input name of the input file
 * @param output name of the output file
 * @param content what is in the output file
 * @param rows rows of the input file
 * @param counts what cleaning did to it
 */
public record CleanedFile(
        String key,
        String input,
        String output,
        OutputFile.Content content,
        DocumentGroups.Rows rows,
        CleanCounts counts) {}
