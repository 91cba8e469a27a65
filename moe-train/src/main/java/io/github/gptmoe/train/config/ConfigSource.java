package io.github.gptmoe.train.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The text of a configuration and what to call it.
 *
 * @param name as a person would write it to find it again
 * @param text its content
 * @param file where it lies; null inside the program
 */
record ConfigSource(String name, String text, @Nullable Path file) {

    static final int MAXIMUM_BYTES = 1 << 20;

    static final String EXTENSION = ".yaml";

    private static final String FOLDER = "configs";

    /**
     * Finds a file, or a shipped configuration by its bare name: in the working folder, in {@code configs/} there, then
     * in the program itself.
     */
    static ConfigSource find(String name, Path workingFolder) {
        return find(name, FOLDER, workingFolder);
    }

    /** Finds a file, or one by its bare name in another folder than {@code configs/}. */
    static ConfigSource find(String name, String home, Path workingFolder) {
        boolean bare = !name.contains("/") && !name.contains("\\");
        List<String> places = new ArrayList<>(withExtension(name));
        if (bare) {
            withExtension(name).forEach(candidate -> places.add(home + "/" + candidate));
        }
        boolean folder = false;
        for (String place : places) {
            folder |= Files.isDirectory(path(workingFolder, name, place));
            Optional<ConfigSource> found = inFolder(name, place, workingFolder);
            if (found.isPresent()) {
                return found.get();
            }
        }
        for (String candidate : bare ? withExtension(name) : List.<String>of()) {
            Optional<ConfigSource> shipped =
                    candidate.endsWith(EXTENSION) ? shipped(home, candidate) : Optional.empty();
            if (shipped.isPresent()) {
                return shipped.get();
            }
        }
        throw missing(name, home, folder, workingFolder);
    }

    /** A file of the working folder, if it is there and no folder. */
    static Optional<ConfigSource> inFolder(String name, String place, Path workingFolder) {
        Path path = path(workingFolder, name, place);
        return Files.exists(path) && !Files.isDirectory(path)
                ? Optional.of(new ConfigSource(place, decode(place, bytes(path)), path))
                : Optional.empty();
    }

    /** A file inside the program, in a folder there. */
    static Optional<ConfigSource> shipped(String folder, String file) {
        URL shipped = ConfigSource.class.getResource("/" + folder + "/" + file);
        return shipped == null
                ? Optional.empty()
                : Optional.of(new ConfigSource(folder + "/" + file, decode(file, bytes(shipped)), null));
    }

    /** Whether it came with the program: from inside it, or from {@code configs/} of the folder the program lies in. */
    boolean isShipped(Path home) {
        return file == null
                || file.toAbsolutePath()
                        .normalize()
                        .startsWith(home.resolve(FOLDER).toAbsolutePath().normalize());
    }

    private static List<String> withExtension(String name) {
        return name.endsWith(EXTENSION) ? List.of(name) : List.of(name, name + EXTENSION);
    }

    private static Path path(Path workingFolder, String name, String place) {
        try {
            return workingFolder.resolve(place);
        } catch (InvalidPathException invalid) {
            throw new ConfigException(name, List.of("'" + name + "' is not a file name: " + invalid.getReason()));
        }
    }

    private static ConfigException missing(String name, String home, boolean folder, Path workingFolder) {
        if (folder) {
            return new ConfigException(name, List.of("'" + name + "' is a folder; name a YAML file"));
        }
        boolean bare = !name.contains("/") && !name.contains("\\");
        Set<String> names = names(home, workingFolder);
        String existing = names.isEmpty() ? "" : "; configs that exist: " + String.join(", ", names);
        String nearest = NearestKey.to(name, names)
                .map(near -> "; nearest name: " + near)
                .orElse("");
        String where = bare
                ? "no file '" + name + "' in the working folder or its " + home
                        + " folder, and no shipped config of that name"
                : "no file '" + name + "'";
        return new ConfigException(name, List.of(where + nearest + existing));
    }

    /** Names that {@link #find} knows without a path. */
    static Set<String> names(Path workingFolder) {
        return names(FOLDER, workingFolder);
    }

    /** Names of the YAML files in a folder of the working folder, and in that of the same name inside the program. */
    static Set<String> names(String folder, Path workingFolder) {
        Set<String> names = new TreeSet<>(namesIn(workingFolder.resolve(folder)));
        URL shipped = ConfigSource.class.getResource("/" + folder);
        if (shipped != null) {
            names.addAll(namesIn(shipped, folder));
        }
        return names;
    }

    private static Set<String> namesIn(URL folder, String name) {
        try {
            URI uri = folder.toURI();
            if (!uri.getScheme().equals("jar")) {
                return namesIn(Path.of(uri));
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return namesIn(jar.getPath("/" + name));
            }
        } catch (URISyntaxException | IOException unreadable) {
            throw new IllegalStateException("The program's own " + folder + " cannot be listed", unreadable);
        }
    }

    private static Set<String> namesIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(EXTENSION))
                    .forEach(file -> names.add(file.substring(0, file.length() - EXTENSION.length())));
            return names;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static byte[] bytes(Path path) {
        try (InputStream input = Files.newInputStream(path)) {
            return input.readNBytes(MAXIMUM_BYTES + 1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Cannot read " + path + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static byte[] bytes(URL shipped) {
        try (InputStream input = shipped.openStream()) {
            return input.readNBytes(MAXIMUM_BYTES + 1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String decode(String name, byte[] bytes) {
        if (bytes.length > MAXIMUM_BYTES) {
            throw new ConfigException(
                    name, List.of(name + ": larger than 1 MiB, the limit for a config; is it the right file?"));
        }
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(input).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException malformed) {
            // The decoder stops at the first byte it cannot use, so what lies before it is sound.
            String before = new String(bytes, 0, input.position(), StandardCharsets.UTF_8);
            int line =
                    (int) before.chars().filter(character -> character == '\n').count() + 1;
            int lineStart = before.lastIndexOf('\n') + 1;
            int column = before.codePointCount(lineStart, before.length()) + 1;
            throw new ConfigException(
                    name, List.of(Origin.inFile(name, line, column) + ": not valid UTF-8; save the file as UTF-8"));
        }
    }
}
