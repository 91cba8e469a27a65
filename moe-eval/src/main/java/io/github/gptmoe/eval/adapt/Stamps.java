package io.github.gptmoe.eval.adapt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells whether files are those of an earlier call. */
final class Stamps {
    private Stamps() {}

    /** Of all files of a folder. */
    static String of(Path folder) {
        return listed(folder).stream().map(Stamps::stamp).collect(Collectors.joining());
    }

    static List<Path> listed(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot list " + folder + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** A file that was changed differs in one of these; reading all of them again would take longer than it is worth. */
    static String stamp(Path file) {
        try {
            return file.toAbsolutePath().normalize() + " " + Files.size(file) + " " + Files.getLastModifiedTime(file)
                    + "\n";
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has it
        }
    }
}
