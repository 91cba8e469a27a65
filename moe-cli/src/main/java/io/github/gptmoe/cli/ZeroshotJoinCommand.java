package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.eval.task.PublishedScores;
import io.github.gptmoe.eval.task.Summary;
import io.github.gptmoe.eval.task.TaskResult;
import io.github.gptmoe.eval.zeroshot.JoinedEvaluation;
import io.github.gptmoe.eval.zeroshot.ResultFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moe zeroshot join}: one table and one submission from models that were adapted to one task each. */
@Command(
        name = "join",
        description =
                "Puts results of different tasks into one table and, where all have submission files, one submission.",
        footer = {
            "",
            "Example: moe zeroshot join --out runs/all runs/zh-base-eprstmt/zeroshot/after runs/zh-base-tnews/zeroshot/after"
        })
final class ZeroshotJoinCommand extends BaseCommand {

    @Parameters(arity = "1..*", paramLabel = "FOLDER", description = "Folders of results, each task in one of them.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<Path> folders;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "Folder of the joined results.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path out;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the line in the table; default the folder's name.")
    private String name = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        if (folders.stream().anyMatch(folder -> same(folder, out))) {
            throw mistake("--out " + out + " is one of the folders to join; name a new one");
        }
        JoinedEvaluation joined = JoinedEvaluation.of(folders);
        List<TaskResult> results = joined.results(TaskOptions.ZEROCLUE);
        Summary summary = new Summary(
                name.isEmpty() ? String.valueOf(out.getFileName()) : name, results, PublishedScores.shipped());
        Optional<Path> archive = joined.write(out);
        summary.write(out.resolve("report.html"));
        summary.writeMarkdown(out.resolve("report.md"));
        ResultFile.write(out.resolve("results.json"), results);
        archive.ifPresentOrElse(
                file -> err().println("submission " + file),
                () -> err().println("no submission: none in " + joined.withoutSubmission()));
        if (json.asked()) {
            JsonOption.print(out(), results);
        } else {
            out().print(summary.text());
            out().println("report " + out.resolve("report.html"));
        }
        return ExitCode.DONE;
    }

    private static boolean same(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
}
