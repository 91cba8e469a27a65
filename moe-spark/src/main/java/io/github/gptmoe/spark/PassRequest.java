package io.github.gptmoe.spark;

import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.StretchReader;
import java.util.List;

/**
 * What jobs are asked that read text files and write text files.
 *
 * @param files where files lie
 * @param inputs in their order
 * @param out the output folder, as the option names it
 * @param format of outputs
 * @param rows what becomes of rows that cannot be used, and of long ones
 * @param blockBytes of about which size slices are
 */
record PassRequest(
        ClusterFiles files, List<JobInput> inputs, String out, Format format, RowRules rows, long blockBytes) {

    /** What tasks have to know of the rules. */
    StretchReader.Rules reading() {
        return StretchReader.Rules.of(rows);
    }
}
