package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.train.report.ReportJson;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** {@code --json}: one document for a program instead of text for a person. */
final class JsonOption {

    @Option(
            names = "--json",
            description = "Print one JSON document on standard output, everything else on standard error.")
    private boolean json;

    /** Whether JSON was asked for. */
    boolean asked() {
        return json;
    }

    /** Prints a record or map as JSON on one line; a number that is not finite is null. */
    static void print(PrintWriter out, Object document) throws JsonProcessingException {
        out.println(ReportJson.mapper().writeValueAsString(document));
    }
}
