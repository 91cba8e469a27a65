package io.github.gptmoe.eval.report;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.PlotSvg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A page about one run, or one that compares several. Its bytes depend on the files of the runs alone. */
public final class RunReport {
    private static final String OPTIONS = "--out or --svg";

    private final List<ReportRun> runs;
    private final RunPlots plots;

    private RunReport(List<ReportRun> runs) {
        this.runs = runs;
        this.plots = new RunPlots(runs);
    }

    /**
     * Reads runs, finished or not; a run may go on while it is read.
     *
     * @param folders run folders, at least one; their names are the names of the runs, or the whole paths where names
     *     repeat
     * @return the report
     * @throws InputException if a folder is not a run or has no step yet, with the remedy
     */
    public static RunReport read(List<Path> folders) {
        List<String> names = folders.stream().map(RunReport::name).toList();
        boolean distinct = names.stream().distinct().count() == names.size();
        List<ReportRun> runs = new ArrayList<>();
        for (int i = 0; i < folders.size(); i++) {
            Path folder = folders.get(i);
            runs.add(ReportRun.read(folder, distinct ? names.get(i) : folder.toString()));
        }
        return new RunReport(List.copyOf(runs));
    }

    private static String name(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? folder.toString() : name.toString();
    }

    /**
     * What a reader should know about the files, such as lines that could not be read.
     *
     * @return sentences, none if all is well
     */
    public List<String> remarks() {
        return runs.stream().flatMap(run -> run.remarks().stream()).toList();
    }

    /**
     * Where the runs have got to.
     *
     * @return one for each run, in their order
     */
    public List<RunValues> values() {
        return runs.stream().map(RunValues::of).toList();
    }

    /**
     * Settings that the runs do not share.
     *
     * @return key to its value in each run
     */
    public Map<String, List<String>> differences() {
        return ConfigDifferences.of(runs);
    }

    /**
     * The page.
     *
     * @return HTML that needs no other file
     */
    public String html() {
        return new ReportPage(this, runs, plots).html();
    }

    /**
     * Writes the page, replacing an older one at once.
     *
     * @param file where to
     * @throws InputException if that is not possible
     */
    public void write(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION, file + " is a folder; name a file, such as report.html in it");
        }
        WholeFile.replace(file, html(), OPTIONS);
    }

    /**
     * Writes each plot that shows anything as a file of its own, for documents.
     *
     * @param folder where to; made if missing
     * @return the files
     * @throws InputException if that is not possible
     */
    public List<Path> writeSvg(Path folder) {
        List<Path> files = new ArrayList<>();
        for (Plot plot : plots.all()) {
            if (plot.hasContent()) {
                Path file = folder.resolve(plot.key() + ".svg");
                WholeFile.replace(file, PlotSvg.file(plot), OPTIONS);
                files.add(file);
            }
        }
        return files;
    }
}
