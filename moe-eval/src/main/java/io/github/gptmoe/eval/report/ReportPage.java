package io.github.gptmoe.eval.report;

import io.github.gptmoe.eval.plot.LoadBars;
import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.plot.NumberText;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.PlotSvg;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.RunSummary.LayerLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Lays out the report as one HTML page that is well-formed XML too. */
final class ReportPage {
    private final Markup page = new Markup();
    private final RunReport report;
    private final List<ReportRun> runs;
    private final RunPlots plots;

    ReportPage(RunReport report, List<ReportRun> runs, RunPlots plots) {
        this.report = report;
        this.runs = runs;
        this.plots = plots;
    }

    String html() {
        boolean one = runs.size() == 1;
        String title = one ? "Run " + runs.get(0).name() : "Comparison of " + runs.size() + " runs";
        PageFrame.open(page, title);
        if (!one) {
            legend();
        }
        report.remarks().forEach(remark -> page.element("p", remark, "class", "remark"));
        new ValueTable(report.values()).write(page);
        plots();
        runs.forEach(this::loads);
        if (one) {
            settings(runs.get(0));
        } else {
            differences();
        }
        return page.close().close().finish();
    }

    /** The runs with their colours and what sets each apart. */
    private void legend() {
        Map<String, List<String>> differences = report.differences();
        page.open("ul", "class", "legend");
        for (int i = 0; i < runs.size(); i++) {
            int run = i;
            String settings = differences.entrySet().stream()
                    .filter(setting -> !setting.getValue().get(run).equals(ConfigDifferences.ABSENT))
                    .map(setting -> setting.getKey() + " " + setting.getValue().get(run))
                    .collect(Collectors.joining(", "));
            page.open("li").raw(PlotSvg.sample(i)).element("b", runs.get(i).name());
            page.text(" ").element("span", settings, "class", "settings").close();
        }
        page.close();
    }

    private void plots() {
        List<String> empty = new ArrayList<>();
        page.open("div", "class", "plots");
        for (Plot plot : plots.all()) {
            if (plot.hasContent()) {
                page.raw(PlotSvg.element(plot));
            } else {
                empty.add(plot.title().toLowerCase(Locale.ROOT));
            }
        }
        page.close();
        page.open("p", "class", "small");
        page.text("Smoothed: exponential moving average over tokens, corrected for its start; a line "
                + NumberText.brief(plots.span()) + " tokens back (1 % of the longest run) weighs 1/e of the newest. "
                + "Of long runs the first, lowest, highest and last value of each pixel column are drawn. "
                + "Values and steps show under the pointer.");
        if (!empty.isEmpty()) {
            page.text(" Not drawn because absent or 0 throughout: " + String.join(", ", empty) + ".");
        }
        page.close();
    }

    private void loads(ReportRun run) {
        RunSummary summary = run.summary();
        if (summary == null
                || summary.expertLoad() == null
                || summary.expertLoad().isEmpty()) {
            return;
        }
        page.element("h2", "Expert load on the validation tokens" + (runs.size() == 1 ? "" : ", " + run.name()));
        page.open("table").open("tr");
        for (String heading : List.of("block", "experts", "busiest / mean", "entropy", "inside margin", "shares")) {
            page.element("th", heading);
        }
        page.close();
        summary.expertLoad().forEach(this::load);
        page.close();
    }

    private void load(LayerLoad load) {
        Double inside = load.insideMargin();
        page.open("tr").element("td", String.valueOf(load.layer()));
        page.element("td", String.valueOf(load.shares().size()));
        page.element("td", NumberText.brief(load.maxOverMean()));
        page.element("td", NumberText.brief(load.normalisedEntropy()));
        page.element("td", inside == null ? "–" : NumberText.brief(inside));
        page.open("td").raw(LoadBars.element(load.shares())).close().close();
    }

    private void settings(ReportRun run) {
        RunConfig config = run.config();
        if (config != null) {
            page.open("details").element("summary", "Resolved configuration");
            page.element("pre", ConfigWriter.toYaml(config)).close();
        }
    }

    private void differences() {
        page.element("h2", "Settings that differ");
        Map<String, List<String>> differences = report.differences();
        if (differences.isEmpty()) {
            page.element("p", "None.");
            return;
        }
        page.open("table").open("tr").element("th", "key");
        runs.forEach(run -> page.element("th", run.name()));
        page.close();
        differences.forEach((key, values) -> {
            page.open("tr").element("td", key);
            values.forEach(value -> page.element("td", value));
            page.close();
        });
        page.close();
    }
}
