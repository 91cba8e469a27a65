package io.github.gptmoe.cli;

import io.github.gptmoe.train.attention.AttentionTable;
import io.github.gptmoe.train.report.ProcessMemory;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls {@code moe} in a Java process of its own, one at a time, with this one's environment and folder, except that the
 * user's table of attention is off: it may know one child's case and not the other's, and would make them incomparable. A
 * child ends with this process, unless this one is ended by force (SIGKILL), of which it hears nothing: then the child
 * finishes its call. It is what the system ends first when memory runs out.
 */
final class ChildMoe {
    /** Debuggers and agents belong to one process: their ports and files cannot be shared. */
    private static final List<String> NOT_FOR_CHILDREN =
            List.of("-agentlib:", "-agentpath:", "-javaagent:", "-Xrunjdwp", "-Xdebug");

    private static final long WATCH_MILLISECONDS = 50;

    /** Why a call was ended from here. */
    enum Cut {
        /** It was not. */
        NONE,
        /** It took too long. */
        TIME,
        /** It had too much memory. */
        MEMORY
    }

    /**
     * What a call may take.
     *
     * @param time until it is ended; null: for ever
     * @param residentBytes of its resident set; null: all there is. Looked at every few milliseconds where the system
     *     tells, so that a moment above it can be missed
     */
    record Limits(@Nullable Duration time, @Nullable Long residentBytes) {
        static final Limits NONE = new Limits(null, null);

        Cut passed(long startNanos, long pid) {
            if (time != null && System.nanoTime() - startNanos > time.toNanos()) {
                return Cut.TIME;
            }
            boolean over = residentBytes != null && ProcessMemory.peakResidentBytes(pid) > residentBytes;
            return over ? Cut.MEMORY : Cut.NONE;
        }
    }

    /**
     * What a call left behind.
     *
     * @param status exit code; 128 and more: the signal that ended it, plus 128
     * @param out standard output
     * @param err standard error
     * @param cut whether it was ended for what it took
     */
    record Call(int status, String out, String err, Cut cut) {
        Call(int status, String out, String err) {
            this(status, out, err, Cut.NONE);
        }
    }

    /** Exit code of a child that Ctrl-C ended: a terminal sends it to both processes, and to the child possibly first. */
    private static final int INTERRUPTED = 128 + 2;

    private final List<String> program;
    private @Nullable Process running;
    private boolean ending;

    /** Calls {@code program}: the words before the arguments. */
    ChildMoe(List<String> program) {
        this.program = List.copyOf(program);
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "end-child"));
    }

    /** This program as it was started: its Java, options and class path. */
    static ChildMoe likeThis() {
        List<String> program = new ArrayList<>();
        program.add(ProcessHandle.current()
                .info()
                .command()
                .orElseGet(() ->
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (NOT_FOR_CHILDREN.stream().noneMatch(option::startsWith)) {
                program.add(option);
            }
        }
        program.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        return new ChildMoe(program);
    }

    /**
     * Calls the program and waits for its end.
     *
     * @throws IOException if it cannot be started, or its output not be kept
     * @throws StoppedException if it was told to {@link #stop}, or the child was interrupted
     */
    Call call(List<String> arguments) throws IOException, InterruptedException {
        return call(arguments, Limits.NONE);
    }

    /**
     * Calls the program and waits for its end, or ends it when it has passed a limit.
     *
     * @throws IOException if it cannot be started, or its output not be kept
     * @throws StoppedException if it was told to {@link #stop}, or the child was interrupted
     */
    Call call(List<String> arguments, Limits limits) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        Path out = temporary(".out");
        Path err = temporary(".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(nothing())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put(AttentionTable.VARIABLE, AttentionTable.OFF);
            Process process = start(builder);
            try {
                Cut cut = watch(process, limits);
                int status = process.waitFor();
                requireGoingOn();
                if (status == INTERRUPTED) {
                    throw stopped();
                }
                return new Call(
                        status,
                        Files.readString(out, StandardCharsets.UTF_8),
                        Files.readString(err, StandardCharsets.UTF_8),
                        cut);
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    private static Cut watch(Process process, Limits limits) throws InterruptedException {
        if (limits.equals(Limits.NONE)) {
            return Cut.NONE;
        }
        long start = System.nanoTime();
        while (!process.waitFor(WATCH_MILLISECONDS, TimeUnit.MILLISECONDS)) {
            Cut cut = limits.passed(start, process.pid());
            if (cut != Cut.NONE) {
                process.destroyForcibly();
                return cut;
            }
        }
        return Cut.NONE;
    }

    /** Removed at the end of this process too, if that comes during a call. */
    private static Path temporary(String suffix) throws IOException {
        Path file = Files.createTempFile("moe-child", suffix);
        file.toFile().deleteOnExit();
        return file;
    }

    private synchronized Process start(ProcessBuilder builder) throws IOException {
        requireGoingOn();
        Process process = builder.start();
        running = process;
        preferForKilling(process);
        return process;
    }

    private synchronized void requireGoingOn() {
        if (ending) {
            throw stopped();
        }
    }

    private static StoppedException stopped() {
        return new StoppedException("stopped");
    }

    /** Ends the child that runs, and refuses to start others; may be called from any thread. */
    synchronized void stop() {
        ending = true;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Linux takes the process with the highest score. Elsewhere, and where that is forbidden, it chooses by itself. */
    private static void preferForKilling(Process process) {
        try {
            Path score = Path.of("/proc", Long.toString(process.pid()), "oom_score_adj");
            if (Files.isWritable(score)) {
                Files.writeString(score, "1000");
            }
        } catch (IOException endedOrForbidden) {
            // The measurement is the same.
        }
    }

    private static File nothing() {
        return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }
}
