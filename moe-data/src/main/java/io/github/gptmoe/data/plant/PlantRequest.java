package io.github.gptmoe.data.plant;

import io.github.gptmoe.data.corpus.InputFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What to plant.
 *
 * @param inputs text files, which are left as they are
 * @param out where the copy and the list go
 * @param share the share of documents that get a fault of each kind
 * @param seed of all choices
 * @param evaluation texts of evaluation data; none are planted if it is empty
 */
public record PlantRequest(List<InputFile> inputs, Path out, double share, long seed, List<String> evaluation) {}
