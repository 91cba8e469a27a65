package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRows;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** What commands share that read text files and write text files. */
final class PassOptions {
    private static final long MEBI = 1 << 20;

    @Option(
            names = "--input",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = {
                "Text: files, folders or globs of .txt (a document a line), .jsonl ({\"text\": ...}), plain or with a further .gz",
                "or .zst, or .parquet (column text); local paths or URIs such as hdfs://HOST/DIR or s3a://BUCKET/DIR."
            })
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<String> inputs;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description =
                    "Output folder, a path that all machines share or a URI: files under the names of the inputs.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private String out;

    @Option(
            names = "--bad-rows",
            paramLabel = "POLICY",
            defaultValue = "fail",
            description = {
                "Rows that cannot be read: fail (default) stops at the first one, skip leaves them out and stops when",
                "more than one in 1,000 of a file is bad."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private Policy policy;

    /** What to do with rows that cannot be read; names as people write them. */
    private enum Policy {
        FAIL,
        SKIP
    }

    @Option(
            names = "--format",
            paramLabel = "jsonl|parquet",
            defaultValue = "jsonl",
            description = "Of outputs: jsonl (default), compressed as the input is, or parquet.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private Format format;

    @Option(
            names = "--block",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Files of more MiB that are not compressed are cut for several tasks; default 64.")
    private long block;

    PassRequest request(SparkSession session) {
        ClusterFiles files = new ClusterFiles(session.sparkContext().hadoopConfiguration());
        return new PassRequest(files, JobInputs.find(files, inputs), out, format, badRows(), block * MEBI);
    }

    String out() {
        return out;
    }

    /** What is wrong with the values; empty if nothing is. */
    String problem() {
        return block < 1 || block > 1 << 20 ? "--block " + block + " must lie between 1 and " + (1 << 20) : "";
    }

    private BadRows badRows() {
        return switch (policy) {
            case FAIL -> BadRows.FAIL;
            case SKIP -> BadRows.SKIP;
        };
    }
}
