package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that a process writes. */
final class FollowedFile {
    private FollowedFile() {}

    /** Reads along until something has come, or the process has ended without it. */
    static void await(Path file, String wanted, Process process) throws IOException, InterruptedException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf(wanted) < 0) {
                String line = lines.readLine();
                if (line != null) {
                    seen.append(line).append('\n');
                } else {
                    assertThat(process.isAlive()).as(seen.toString()).isTrue();
                    Thread.sleep(20);
                }
            }
        }
    }
}
