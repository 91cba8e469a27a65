package io.github.gptmoe.spark;

import io.github.gptmoe.data.BadRowPolicy;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.RowLimit;
import io.github.gptmoe.data.RowRules;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What commands share that read text files and write text files. */
final class PassOptions {
    private static final long MEBI = 1 << 20;
    private static final String REFUSE = "refuse";

    /** Keys of a pack's description to the options that stand for them here. */
    private static final Map<String, String> OPTIONS = Map.of(
            "badRows", "--bad-rows",
            "maxBadShare", "--max-bad-share",
            "longRows", "--long-rows",
            "maxRowBytes", "--max-row");

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

    @Mixin
    private RowOptions rows = new RowOptions();

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
        return new PassRequest(files, JobInputs.find(files, inputs), out, format, rules(), block * MEBI);
    }

    /** What is wrong with the values; empty if nothing is. */
    String problem() {
        if (block < 1 || block > 1 << 20) {
            return "--block " + block + " must lie between 1 and " + (1 << 20);
        }
        Map<String, String> problems = RowRules.problems(badRows(), share(), longRows(), maxRowBytes());
        if (!problems.isEmpty()) {
            return problems.entrySet().stream()
                    .map(problem -> OPTIONS.get(problem.getKey()) + " " + problem.getValue())
                    .collect(Collectors.joining("\n"));
        }
        boolean quarantines = badRows().equals(BadRows.QUARANTINE.label());
        if (rows.namesQuarantine() && !quarantines) {
            return "--quarantine belongs to --bad-rows quarantine";
        }
        return quarantines && !rows.namesQuarantine() && JobInputs.isRemote(out)
                ? "--quarantine is missing; name a file of the driver's machine"
                : "";
    }

    private String badRows() {
        return rows.badRows(BadRows.FAIL.label());
    }

    private double share() {
        return rows.maxBadShare(BadRowPolicy.USUAL_SHARE);
    }

    private String longRows() {
        return rows.longRows(REFUSE);
    }

    private int maxRowBytes() {
        return rows.maxRowBytes(RowLimit.MOST_BYTES);
    }

    private RowRules rules() {
        return RowRules.of(badRows(), share(), longRows(), maxRowBytes(), rows.quarantine(Path.of(out)));
    }

    /** Tells where the bad rows of a job are, if there were any. */
    void tellQuarantine(long skipped, PrintWriter output) {
        Path file = rules().quarantine();
        if (file != null && skipped > 0) {
            output.println("bad rows are in " + file);
        }
    }
}
