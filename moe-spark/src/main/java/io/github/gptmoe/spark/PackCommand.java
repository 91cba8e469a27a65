package io.github.gptmoe.spark;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.MixPacker;
import io.github.gptmoe.data.MixResult;
import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackOptions;
import io.github.gptmoe.data.PartJob;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pack}: text to token shards; files are tokenised by tasks, the mixture is made by the driver. */
@Command(
        name = "pack",
        description = {
            "Tokenises text once and mixes its sources into token shards. Text, tokenizer and output lie on a file system",
            "that is mounted under the same paths everywhere. The result is that of moe data pack."
        })
final class PackCommand extends SparkCommand {

    @Mixin
    private PackOptionGroup options = new PackOptionGroup();

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "The folder to be made; unfinished work lies beside it in DIR.packing.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path out;

    @Override
    void run(SparkSession session) {
        PackConfig config = options.config(this::mistake);
        if (config.tokenizer().isBlank()) {
            throw mistake("the tokenizer is missing; name a SentencePiece model with --tokenizer");
        }
        if (session.sparkContext().getConf().getBoolean("spark.speculation", false)) {
            throw mistake("spark.speculation is on, and two attempts of a task would write the same part; submit with"
                    + " --conf spark.speculation=false");
        }
        Path model = Path.of(config.tokenizer());
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(model)) {
            JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
            String everywhere = model.toAbsolutePath().toString();
            MixResult result = MixPacker.pack(
                    config,
                    tokenizer,
                    out,
                    PackOptions.of(0, options.rows().quarantine(out)),
                    (documents, textBytes, tokens, fraction) -> {},
                    jobs -> tokenise(spark, jobs, everywhere));
            out().printf(
                            Locale.ROOT,
                            "%,d training tokens, %,d validation tokens, fingerprint %s%s%n",
                            result.manifest().train().tokens(),
                            result.manifest().validation().tokens(),
                            result.manifest().fingerprint(),
                            result.reused() ? " (was there already)" : "");
            if (result.quarantine() != null) {
                out().println("bad rows are in " + result.quarantine());
            }
        }
    }

    private static void tokenise(JavaSparkContext spark, List<PartJob> jobs, String model) {
        spark.setJobDescription("tokenising");
        List<SliceOutcome<Long>> outcomes = spark.parallelize(jobs, jobs.size())
                .map(job -> tokenise(job, model))
                .collect();
        SliceJobs.values(outcomes);
    }

    private static SliceOutcome<Long> tokenise(PartJob job, String model) {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(Path.of(model))) {
            return SliceOutcome.of(job.run(tokenizer, 1));
        } catch (InputException failed) {
            return SliceOutcome.failed(failed);
        }
    }
}
