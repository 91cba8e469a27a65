package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The files of a mixture.
 *
 * @param sources those of each source, in the order of the configuration
 * @param validation those of validation text; empty where it is held out of the sources
 */
record PackInputs(List<List<PackInput>> sources, List<PackInput> validation) {
    /** Finds and hashes the files; each may serve once. */
    static PackInputs of(PackConfig config) {
        Set<Path> seen = new HashSet<>();
        List<List<PackInput>> sources = new ArrayList<>();
        for (PackSource source : config.sources()) {
            sources.add(files("source " + source.name(), source.files(), seen));
        }
        return new PackInputs(List.copyOf(sources), files("validation", config.validation(), seen));
    }

    private static List<PackInput> files(String role, List<String> entries, Set<Path> seen) {
        List<Path> files = CorpusFiles.ofOption(role, entries);
        for (Path file : files) {
            try {
                if (!seen.add(file.toRealPath())) {
                    throw InputException.configuration(
                            role + ": " + file
                                    + " belongs to an earlier source too; let each file be in one, and raise its epochs to repeat it");
                }
            } catch (IOException failed) {
                throw DocumentReader.unreadable(file, failed);
            }
        }
        return files.parallelStream().map(PackInput::of).toList();
    }

    List<PackInput> all() {
        List<PackInput> all = new ArrayList<>();
        sources.forEach(all::addAll);
        all.addAll(validation);
        return all;
    }

    /** As a manifest lists them. */
    static List<PackManifest.TextFile> listed(List<PackInput> files) {
        return files.stream()
                .map(file -> new PackManifest.TextFile(file.shown(), file.bytes(), file.sha256()))
                .toList();
    }
}
