package io.github.gptmoe.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * The folder that a job writes to: outputs under the names of their inputs, and what is in the making in {@code .state}. To be sent to tasks.
 *
 * @param files where files lie
 * @param uri the folder
 */
record OutFolder(ClusterFiles files, String uri) implements Serializable {
    private static final String STATE = ".state/";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A folder as an option names it; inputs must not lie in it. */
    static OutFolder of(ClusterFiles files, String name, List<JobInput> inputs) {
        OutFolder folder = new OutFolder(files, JobInputs.uri(name));
        String prefix = folder.uri.endsWith("/") ? folder.uri : folder.uri + "/";
        for (JobInput input : inputs) {
            if (input.uri().startsWith(prefix)) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        input.shown() + ": lies in the output folder " + name + "; name another with --out");
            }
        }
        return folder;
    }

    /** Writes to a folder. */
    @FunctionalInterface
    interface Pass<T> {
        /** Does it. */
        T run() throws IOException;
    }

    /** Keeps other processes of this machine from a local folder meanwhile; of others nobody can take care. */
    static <T> T whileLocked(String name, Pass<T> pass) {
        OutputFolder lock = JobInputs.local(name).map(OutputFolder::open).orElse(null);
        try {
            return pass.run();
        } catch (IOException failed) {
            throw ClusterFiles.unwritable(name, failed);
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    String file(String name) {
        return ClusterFiles.below(uri, name);
    }

    String state(String name) {
        return ClusterFiles.below(uri, STATE + name);
    }

    boolean has(String name, OutputFile.Content content) {
        return files.has(file(name), content.fileBytes());
    }

    <T> Optional<T> recall(String name, Class<T> type) {
        try {
            return Optional.of(JSON.readValue(files.read(state(name)), type));
        } catch (IOException unreadable) {
            return Optional.empty(); // Absent, or written by another version: the work is done again.
        }
    }

    void remember(String name, Object record) throws IOException {
        ClusterOutput.replace(files, state(name), bytes(record));
    }

    void write(String name, Object document) throws IOException {
        ClusterOutput.replace(files, file(name), bytes(document));
    }

    private static byte[] bytes(Object document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("records of numbers and texts are always JSON", impossible);
        }
    }
}
