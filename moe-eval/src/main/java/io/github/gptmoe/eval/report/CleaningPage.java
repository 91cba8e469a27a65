package io.github.gptmoe.eval.report;

import io.github.gptmoe.data.clean.CleanCounts;
import io.github.gptmoe.data.clean.CleanManifest;
import io.github.gptmoe.data.clean.CleanSample;
import io.github.gptmoe.data.clean.RuleCount;
import io.github.gptmoe.data.clean.RuleSettings;
import io.github.gptmoe.data.clean.TextProfile;
import io.github.gptmoe.eval.plot.Curve;
import io.github.gptmoe.eval.plot.Markup;
import io.github.gptmoe.eval.plot.NumberText;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.PlotSvg;
import io.github.gptmoe.eval.plot.Points;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** What cleaning did, as one page: documents by rule and by file, how texts look before and after, samples. */
public final class CleaningPage {
    private static final int IDEOGRAPHIC_SPACE = 0x3000;
    private static final int FIRST_VARIATION_SELECTOR = 0xFE00;
    private static final int LAST_VARIATION_SELECTOR = 0xFE0F;

    private final Markup page = new Markup();
    private final CleanManifest manifest;
    private final CleanCounts totals;

    private CleaningPage(CleanManifest manifest) {
        this.manifest = manifest;
        this.totals = manifest.totals();
    }

    /**
     * Writes the page, replacing an older one at once. Its bytes depend on the manifest alone.
     *
     * @param manifest what was done
     * @param file where to
     * @throws io.github.gptmoe.data.InputException if that is not possible
     */
    public static void write(CleanManifest manifest, Path file) {
        WholeFile.replace(file, html(manifest), "--out");
    }

    /**
     * Lays the page out.
     *
     * @param manifest what was done
     * @return HTML that needs no other file
     */
    public static String html(CleanManifest manifest) {
        return new CleaningPage(manifest).html();
    }

    private String html() {
        PageFrame.open(page, "Cleaned text");
        summary();
        rules();
        page.open("div", "class", "plots");
        for (Plot plot : List.of(lengths(), shares())) {
            if (plot.hasContent()) {
                page.raw(PlotSvg.element(plot));
            }
        }
        page.close();
        files();
        samples();
        settings();
        return page.close().close().finish();
    }

    private void summary() {
        TextProfile before = totals.before();
        TextProfile after = totals.after();
        table("", "documents", "characters", "bytes of UTF-8");
        row("read", count(before.texts()), count(before.characters()), count(before.bytes()));
        row("written", count(after.texts()), count(after.characters()), count(after.bytes()));
        page.close();
        page.element(
                "p",
                String.format(
                        Locale.ROOT,
                        "Unchanged %s, changed %s, dropped %s. Rows: %s, of which %s without text and %s that could not be"
                                + " read were left out; the text of %s was cut at the limit of rows.",
                        part(totals.unchanged()),
                        part(totals.changed()),
                        part(totals.dropped()),
                        count(manifest.rows().rows()),
                        count(manifest.rows().empty()),
                        count(manifest.rows().skipped()),
                        count(manifest.rows().cut())));
    }

    private void rules() {
        page.element("h2", "Rules");
        table("rule", "changed", "dropped");
        for (String rule : ruleNames()) {
            RuleCount count = totals.rules().getOrDefault(rule, new RuleCount(0, 0));
            RuleSettings settings = manifest.config().get(rule);
            boolean off = settings != null && !settings.enabled();
            row(rule, off ? "off" : part(count.changed()), off ? "" : part(count.dropped()));
        }
        page.close();
        page.element(
                "p",
                "A document that several rules changed counts for each of them, also if it was dropped later; one that was"
                        + " dropped counts for the rule that did so first.",
                "class",
                "small");
    }

    /** In the order of application, then what is no rule. */
    private Set<String> ruleNames() {
        Set<String> names = new LinkedHashSet<>(manifest.config().keySet());
        names.addAll(totals.rules().keySet());
        return names;
    }

    /** A bin of a histogram: where it begins, and its share before and after. */
    private record Bin(double from, double before, double after) {}

    private static List<Bin> bins(
            List<Long> before, List<Long> after, long allBefore, long allAfter, IntToDoubleFunction from) {
        List<Bin> bins = new ArrayList<>();
        IntStream.range(0, before.size())
                .forEach(i -> bins.add(new Bin(
                        from.applyAsDouble(i), share(before.get(i), allBefore), share(after.get(i), allAfter))));
        return bins;
    }

    private static double share(long some, long all) {
        return (double) some / Math.max(1, all);
    }

    private Plot lengths() {
        return plot(
                "lengths",
                "Documents by length",
                "characters of a document, by powers of two",
                true,
                bins(
                        totals.before().lengths(),
                        totals.after().lengths(),
                        totals.before().texts(),
                        totals.after().texts(),
                        i -> Math.scalb(1.0, i)));
    }

    private Plot shares() {
        return plot(
                "han",
                "Documents by share of Chinese characters",
                "share of Chinese characters, in twentieths",
                false,
                bins(
                        totals.before().han(),
                        totals.after().han(),
                        totals.before().texts(),
                        totals.after().texts(),
                        i -> (double) i / TextProfile.SHARES));
    }

    private static Plot plot(String key, String title, String xName, boolean logarithmicX, List<Bin> bins) {
        List<Curve> curves = List.of(
                new Curve("before", Points.of(bins, Bin::from, Bin::before), 0, Curve.Style.MARKED, Double.NaN),
                new Curve("after", Points.of(bins, Bin::from, Bin::after), 1, Curve.Style.MARKED, Double.NaN));
        return new Plot(key, title, "share of documents", false, logarithmicX, xName, "", curves, List.of());
    }

    private void files() {
        page.element("h2", "Files");
        table("file", "documents", "unchanged", "changed", "dropped", "text written, bytes", "SHA-256 of it");
        for (CleanManifest.File file : manifest.files()) {
            row(
                    file.input(),
                    count(file.documents()),
                    count(file.unchanged()),
                    count(file.changed()),
                    count(file.dropped()),
                    count(file.content().textBytes()),
                    file.content().sha256().substring(0, 16));
        }
        page.close();
    }

    private void samples() {
        page.element("h2", "Samples");
        for (String rule : ruleNames()) {
            List<CleanSample> some = totals.samples().stream()
                    .filter(sample -> sample.rule().equals(rule))
                    .toList();
            if (some.isEmpty()) {
                continue;
            }
            page.element("h3", rule);
            page.open("table", "class", "samples").open("tr");
            for (String heading : List.of("where", "before", "after, or why dropped")) {
                page.element("th", heading);
            }
            page.close();
            for (CleanSample sample : some) {
                page.open("tr").element("td", sample.file() + ", line " + sample.line());
                page.element("td", visible(sample.before()));
                page.element("td", sample.reason().isEmpty() ? visible(sample.after()) : "dropped: " + sample.reason());
                page.close();
            }
            page.close();
        }
    }

    /** Line ends as signs, and what has no shape by its number, or its going could not be seen. */
    private static String visible(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (point == '\n') {
                out.append('⏎');
            } else if (isShapeless(point)) {
                out.append(String.format(Locale.ROOT, "‹U+%04X›", point));
            } else {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }

    private static boolean isShapeless(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SPACE_SEPARATOR -> point != ' ' && point != IDEOGRAPHIC_SPACE;
            // Not "unassigned": what is unassigned depends on the version of Java.
            default ->
                (point & 0xFFFE) == 0xFFFE || (point >= FIRST_VARIATION_SELECTOR && point <= LAST_VARIATION_SELECTOR);
        };
    }

    private void settings() {
        page.open("details").element("summary", "Settings");
        StringBuilder lines = new StringBuilder();
        manifest.config()
                .forEach((name, rule) ->
                        lines.append(name).append(": ").append(rule).append('\n'));
        page.element("pre", lines + "digest: " + manifest.settings()).close();
    }

    private void table(String... heading) {
        page.open("table", "class", "scores").open("tr");
        for (String cell : heading) {
            page.element("th", cell);
        }
        page.close();
    }

    private void row(String... cells) {
        page.open("tr");
        for (String cell : cells) {
            page.element("td", cell);
        }
        page.close();
    }

    private static String count(long number) {
        return NumberText.grouped(number);
    }

    /** A number of documents with its share of all that were read. */
    private String part(long documents) {
        return String.format(
                Locale.ROOT, "%s (%.2f %%)", count(documents), 100.0 * documents / Math.max(1, totals.documents()));
    }
}
