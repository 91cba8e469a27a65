package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRows;
import java.util.List;

/**
 * What jobs are asked that read text files and write text files.
 *
 * @param files where files lie
 * @param inputs in their order
 * @param out the output folder, as the option names it
 * @param format of outputs
 * @param badRows what bad rows lead to
 * @param blockBytes of about which size slices are
 */
record PassRequest(
        ClusterFiles files, List<JobInput> inputs, String out, Format format, BadRows badRows, long blockBytes) {}
