package io.github.gptmoe.spark;

import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.StretchReader;
import io.github.gptmoe.data.corpus.InputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;

/** Finds the files behind the entries of an option: local ones as every command does, others through Hadoop. */
final class JobInputs {
    private static final Pattern REMOTE = Pattern.compile("(?!file:)[A-Za-z][A-Za-z0-9+.-]+:/.*");

    private final ClusterFiles files;
    private final Map<String, Path> shownByUri = new LinkedHashMap<>();

    private JobInputs(ClusterFiles files) {
        this.files = files;
    }

    /** The files of {@code --input}, in the order of the entries, those of an entry in that of their paths, each once. */
    static List<JobInput> find(ClusterFiles files, List<String> entries) {
        JobInputs found = new JobInputs(files);
        for (String entry : entries) {
            if (isRemote(entry)) {
                found.addRemote(entry);
            } else {
                found.addLocal(entry);
            }
        }
        return found.describe();
    }

    static boolean isRemote(String entry) {
        return REMOTE.matcher(entry).matches();
    }

    /** The local path that a name without a scheme, or with that of files, means; empty for others. */
    static Optional<Path> local(String name) {
        if (isRemote(name)) {
            return Optional.empty();
        }
        return Optional.of(Path.of(
                name.startsWith("file:") ? ClusterFiles.path(name).toUri().getPath() : name));
    }

    /** The URI of a folder or file that an option names. */
    static String uri(String name) {
        return local(name)
                .map(path -> path.toAbsolutePath().normalize().toUri().toString())
                .orElse(name);
    }

    private void addLocal(String entry) {
        String path = entry.startsWith("file:") ? String.valueOf(local(entry).orElseThrow()) : entry;
        for (Path file : CorpusFiles.ofOption("--input", List.of(path), JobInput::isParquet)) {
            try {
                shownByUri.putIfAbsent(file.toRealPath().toUri().toString(), file);
            } catch (IOException failed) {
                throw unreadable(file.toString(), failed);
            }
        }
    }

    private void addRemote(String entry) {
        try {
            List<FileStatus> found = new ArrayList<>(files.matching(entry));
            found.removeIf(file -> !isKnown(Path.of(file.getPath().getName())));
            if (found.isEmpty()) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        "--input: " + entry + " names no .txt, .jsonl or .parquet file; correct the path");
            }
            found.sort(Comparator.comparing(file -> file.getPath().toString()));
            for (FileStatus file : found) {
                String uri = file.getPath().toUri().toString();
                shownByUri.putIfAbsent(uri, Path.of(file.getPath().toString()));
            }
        } catch (IOException failed) {
            throw unreadable(entry, failed);
        }
    }

    private static boolean isKnown(Path name) {
        boolean hidden = name.toString().startsWith(".") || name.toString().startsWith("_");
        return !hidden && (JobInput.isParquet(name) || StretchReader.reads(name));
    }

    private List<JobInput> describe() {
        Map<Path, FileStatus> statuses = new LinkedHashMap<>();
        List<String> uris = new ArrayList<>(shownByUri.keySet());
        shownByUri.forEach((uri, shown) -> {
            try {
                statuses.put(shown, files.status(uri));
            } catch (IOException failed) {
                throw unreadable(shown.toString(), failed);
            }
        });
        List<InputFile> described = InputFile.of(
                List.copyOf(shownByUri.values()),
                path -> Objects.requireNonNull(statuses.get(path)).getLen(),
                path -> Objects.requireNonNull(statuses.get(path)).getModificationTime());
        List<JobInput> inputs = new ArrayList<>();
        for (int i = 0; i < described.size(); i++) {
            InputFile file = described.get(i);
            inputs.add(new JobInput(i, uris.get(i), file.path().toString(), file.name(), file.bytes(), file.changed()));
        }
        return List.copyOf(inputs);
    }

    /** Fails when a file is no longer what it was when the job began. */
    static void requireUnchanged(ClusterFiles files, List<JobInput> inputs) {
        for (JobInput input : inputs) {
            try {
                FileStatus now = files.status(input.uri());
                input.file().requireUnchanged(now.getLen(), now.getModificationTime());
            } catch (IOException failed) {
                throw unreadable(input.shown(), failed);
            }
        }
    }

    private static InputException unreadable(String file, IOException failed) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                file + ": cannot be read (" + failed + "); check path and permissions",
                failed);
    }
}
