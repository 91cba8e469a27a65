package io.github.gptmoe.spark;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Rows that cannot be used, and long ones: the same options for all commands that read text for good. Values are judged by the commands. */
final class RowOptions {
    @Option(
            names = "--bad-rows",
            paramLabel = "fail|skip|quarantine",
            description = {
                "fail (default): stop at the first row that cannot be read; skip: leave it out;",
                "quarantine: also write it, with file, line, byte and reason, to --quarantine."
            })
    private @Nullable String badRows;

    @Option(
            names = "--max-bad-share",
            paramLabel = "F",
            description = "Stop when more than this share of the rows is bad; default 0.001.")
    private @Nullable Double maxBadShare;

    @Option(
            names = "--long-rows",
            paramLabel = "refuse|cut",
            description = {"What becomes of a row above --max-row: refuse (default; it is bad), or cut its text there."
            })
    private @Nullable String longRows;

    @Option(
            names = "--max-row",
            paramLabel = "BYTES",
            description = "The longest row, up to 67108864; default 4194304 for pack, 67108864 for clean and dedup.")
    private @Nullable Integer maxRow;

    @Option(
            names = "--quarantine",
            paramLabel = "FILE",
            description = "Where --bad-rows quarantine writes; default: beside the folder, DIR.quarantine.ndjson.")
    private @Nullable Path quarantine;

    String badRows(String otherwise) {
        return badRows == null ? otherwise : badRows;
    }

    double maxBadShare(double otherwise) {
        return maxBadShare == null ? otherwise : maxBadShare;
    }

    String longRows(String otherwise) {
        return longRows == null ? otherwise : longRows;
    }

    int maxRowBytes(int otherwise) {
        return maxRow == null ? otherwise : maxRow;
    }

    boolean namesQuarantine() {
        return quarantine != null;
    }

    /** The file for bad rows of an output folder. */
    Path quarantine(Path out) {
        Path folder = out.toAbsolutePath().normalize();
        return quarantine != null ? quarantine : folder.resolveSibling(folder.getFileName() + ".quarantine.ndjson");
    }
}
