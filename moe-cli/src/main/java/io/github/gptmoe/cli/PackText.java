package io.github.gptmoe.cli;

import io.github.gptmoe.data.Lengths;
import io.github.gptmoe.data.PackManifest;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Packed corpora and documents' lengths as text for a person. */
final class PackText {
    private static final int BAR_CHARACTERS = 40;

    private PackText() {}

    static void print(PrintWriter out, PackManifest pack) {
        out.printf(
                Locale.ROOT,
                "%-20s %10s %14s %8s %14s %14s %7s %7s%n",
                "source",
                "documents",
                "tokens",
                "given",
                "to give",
                "packed",
                "share",
                "passes");
        for (PackManifest.Source source : pack.sources()) {
            out.printf(
                    Locale.ROOT,
                    "%-20s %,10d %,14d %8s %,14d %,14d %6.2f%% %7.3f%n",
                    source.name(),
                    source.documents(),
                    source.tokens(),
                    given(source),
                    source.targetTokens(),
                    source.packedTokens(),
                    100.0 * source.packedTokens() / pack.train().tokens(),
                    (double) source.packedTokens() / source.tokens());
        }
        out.println();
        stream(out, "train", pack.train());
        stream(out, "validation", pack.validation());
        PackManifest.Rows rows = pack.rows();
        out.printf(
                Locale.ROOT,
                "rows         %,d read, %,d bad, %,d empty, %,d cut%n",
                rows.read(),
                rows.bad(),
                rows.empty(),
                rows.cut());
        out.printf(
                Locale.ROOT,
                "tokenizer    %s, %,d pieces, SHA-256 %s%n",
                pack.tokenizer().path(),
                pack.tokenizer().vocabulary(),
                pack.tokenizer().fingerprint());
        out.println("fingerprint  " + pack.fingerprint());
    }

    private static String given(PackManifest.Source source) {
        Double weight = source.weight();
        Double epochs = source.epochs();
        return weight != null ? "weight " + number(weight) : "x " + number(epochs == null ? 1 : epochs);
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4g", value).replaceAll("\\.?0+$", "");
    }

    private static void stream(PrintWriter out, String name, PackManifest.Stream stream) {
        out.printf(
                Locale.ROOT,
                "%-12s %,d documents, %,d tokens, %,d bytes of text, %d shard%s%n",
                name,
                stream.documents(),
                stream.tokens(),
                stream.textBytes(),
                stream.shards().size(),
                stream.shards().size() == 1 ? "" : "s");
    }

    static void print(PrintWriter out, String what, Lengths lengths) {
        out.printf(
                Locale.ROOT,
                "%s: mean %.1f, shortest %,d, 10 %% %,d, median %,d, 90 %% %,d, 99 %% %,d, longest %,d%n",
                what,
                lengths.mean(),
                lengths.least(),
                lengths.p10(),
                lengths.median(),
                lengths.p90(),
                lengths.p99(),
                lengths.most());
        long most = lengths.histogram().stream()
                .mapToLong(Lengths.Range::documents)
                .max()
                .orElse(1);
        for (Lengths.Range range : lengths.histogram()) {
            int bar = (int) Math.ceil((double) BAR_CHARACTERS * range.documents() / most);
            out.printf(
                    Locale.ROOT,
                    "  %,10d to %,10d %,10d %s%n",
                    range.from(),
                    range.below() - 1,
                    range.documents(),
                    "#".repeat(bar));
        }
    }
}
