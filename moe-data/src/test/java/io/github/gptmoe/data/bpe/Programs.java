package io.github.gptmoe.data.bpe;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SentencePiece's own programs, where they are installed. */
final class Programs {
    private static final List<Path> FOLDERS = Arrays.stream(
                    System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(Path::of)
            .toList();

    private Programs() {}

    /** Whether the installed programs are of at least this version; false where none are. */
    static boolean isSentencePieceFrom(int major, int minor, int patch) {
        try {
            Process version = new ProcessBuilder("spm_train", "--version")
                    .redirectErrorStream(true)
                    .start();
            Matcher numbers = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)")
                    .matcher(new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            if (!numbers.find()) {
                return false;
            }
            int[] installed = {
                Integer.parseInt(numbers.group(1)),
                Integer.parseInt(numbers.group(2)),
                Integer.parseInt(numbers.group(3))
            };
            return Arrays.compare(installed, new int[] {major, minor, patch}) >= 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    /** Skips the test, with a reason, where the program is not installed. */
    static Path require(String name) {
        for (Path folder : FOLDERS) {
            Path program = folder.resolve(name);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        String reason = "skipped: " + name + " is not installed (Debian: apt-get install sentencepiece)";
        assumeTrue(false, reason);
        throw new IllegalStateException(reason);
    }

    /** Runs it to its end; what it writes to standard output goes to a file. */
    static void run(Path input, Path output, String name, String... arguments)
            throws IOException, InterruptedException {
        List<String> call = new ArrayList<>();
        call.add(require(name).toString());
        call.addAll(List.of(arguments));
        Path log = output.resolveSibling(output.getFileName() + ".log");
        int status = new ProcessBuilder(call)
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(log.toFile())
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(call + " ended with " + status + ": " + Files.readString(log));
        }
    }
}
