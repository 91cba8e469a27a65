package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.clean.CleanRequest;
import io.github.gptmoe.data.clean.CleanRun;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A pass that, in the middle of a phase, makes a file and waits to be killed. */
final class WaitingPass {
    private static final long ENOUGH_NANOS = 120_000_000_000L;

    private WaitingPass() {}

    /** Input folder, output folder, phase, file to make. */
    public static void main(String[] args) {
        String phase = args[2];
        run(Path.of(args[0]), Path.of(args[1]), phase, (now, documents, fraction) -> {
            if (now.equals(phase) && fraction > 0.5 && fraction < 1) {
                try {
                    Files.createFile(Path.of(args[3]));
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
                long end = System.nanoTime() + ENOUGH_NANOS;
                while (System.nanoTime() < end) {
                    LockSupport.parkNanos(ENOUGH_NANOS);
                }
            }
        });
    }

    static void run(Path in, Path out, String phase, CorpusProgress progress) {
        List<InputFile> inputs = InputFile.of(CorpusFiles.ofOption("--input", List.of(in.toString())));
        RowRules rows =
                RowRules.of("quarantine", 0.01, "refuse", 1 << 20, out.resolveSibling(out.getFileName() + ".bad"));
        if (phase.equals("cleaning text")) {
            new CleanRun(new CleanRequest(inputs, out, CleanConfig.defaults(), rows, 2), progress).run();
        } else {
            new DedupRun(new DedupRequest(inputs, out, DedupConfig.defaults(), List.of(), List.of(), rows, 2), progress)
                    .run();
        }
    }
}
