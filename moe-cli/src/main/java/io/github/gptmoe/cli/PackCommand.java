package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.MixPacker;
import io.github.gptmoe.data.MixResult;
import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackManifest;
import io.github.gptmoe.data.PackOptions;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.report.ProcessMemory;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe data pack}: text to token shards that runs share. */
@Command(
        name = "pack",
        description = {
            "Tokenises text once and mixes its sources into token shards. Runs train on the folder with data.train=DIR;",
            "its fingerprint tells them what they train on. The result depends on text, tokenizer and settings alone."
        },
        footer = {
            "",
            "A call that was stopped or killed goes on where it was when it is made again; one that is done does nothing.",
            "Example: moe data pack --input 'wiki=zh/wiki*.jsonl.gz' 'laws=zh/laws.jsonl.gz' --weight wiki=3 --weight laws=1 \\",
            "           --tokenizer zh.model --out packs/zh"
        })
final class PackCommand extends BaseCommand {

    @Mixin
    private PackOptionGroup options = new PackOptionGroup();

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "DIR",
            description = "The folder to be made; unfinished work lies beside it in DIR.packing.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private Path out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that tokenise; default: one for each processor, 2 to 16. The result is the same.")
    private int threads;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param folder the packed corpus
     * @param reused whether it was there already
     * @param seconds time of this call
     * @param textBytes text that this call tokenised
     * @param megabytesPerSecond 10^6 bytes of it a second
     * @param peakResidentBytes the most memory this process had; -1 where the system does not say
     * @param quarantine file of bad rows; null if there is none
     * @param pack what is in the folder
     */
    record Document(
            String folder,
            boolean reused,
            double seconds,
            long textBytes,
            double megabytesPerSecond,
            long peakResidentBytes,
            @Nullable String quarantine,
            PackManifest pack) {}

    @Override
    int run() throws JsonProcessingException {
        if (threads < 0) {
            throw mistake("--threads " + threads + ": use 0 (one for each processor) or more");
        }
        PackConfig config = options.config(this::mistake);
        if (config.tokenizer().isBlank()) {
            throw mistake("the tokenizer is missing; name a SentencePiece model with --tokenizer");
        }
        StopRequest stop = new StopRequest();
        ConsoleProgress progress = new ConsoleProgress(err(), Terminal.errorColumns(), stop);
        StopSignals.connect(
                stop::request, "Stopping: what is finished is kept. Again to stop at once.", progress::message);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(Path.of(config.tokenizer()))) {
            MixResult result = MixPacker.pack(
                    config,
                    tokenizer,
                    out,
                    PackOptions.of(threads, options.rows().quarantine(out)),
                    progress);
            if (json.asked()) {
                JsonOption.print(out(), document(result));
            } else {
                print(result);
            }
            return ExitCode.DONE;
        } catch (StoppedException early) {
            progress.message("stopped; the same call goes on behind the last finished part");
            return ExitCode.STOPPED;
        }
    }

    private static double rate(MixResult result) {
        return result.tokenisedTextBytes() / Math.max(1e-9, result.seconds()) / 1e6;
    }

    private static long peakMemory() {
        return ProcessMemory.peakResidentBytes();
    }

    private static Document document(MixResult result) {
        return new Document(
                result.folder().toString(),
                result.reused(),
                result.seconds(),
                result.tokenisedTextBytes(),
                rate(result),
                peakMemory(),
                result.quarantine() == null ? null : result.quarantine().toString(),
                result.manifest());
    }

    private void print(MixResult result) {
        PackText.print(out(), result.manifest());
        if (result.reused()) {
            out().println("nothing to do: " + out + " holds this already");
        } else {
            out().printf(
                            Locale.ROOT,
                            "%,d bytes of text in %s: %.1f MB/s, peak memory %s%n",
                            result.tokenisedTextBytes(),
                            ConsoleProgress.duration(result.seconds()),
                            rate(result),
                            ByteSize.gib(Math.max(0, peakMemory())));
        }
        if (result.quarantine() != null) {
            out().println("bad rows are in " + result.quarantine());
        }
        out().println("next: moe pretrain --config CONFIG --set data.train=" + out + " --set data.tokenizer="
                + result.manifest().tokenizer().path());
    }
}
