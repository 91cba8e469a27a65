package io.github.gptmoe.spark;

import io.github.gptmoe.data.corpus.OutputFolder;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.util.SerializableConfiguration;

/** The file systems that Hadoop knows, by URI. To be sent to tasks. */
final class ClusterFiles implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int BUFFER = 1 << 16;

    private final SerializableConfiguration configuration;

    /** With the settings of a job; local files are used without Hadoop's checksum files beside them. */
    ClusterFiles(Configuration settings) {
        Configuration own = new Configuration(settings);
        own.set("fs.file.impl", RawLocalFileSystem.class.getName());
        own.setBoolean("fs.file.impl.disable.cache", true);
        this.configuration = new SerializableConfiguration(own);
    }

    Configuration configuration() {
        return configuration.value();
    }

    static Path path(String uri) {
        return new Path(URI.create(uri));
    }

    FileSystem system(String uri) throws IOException {
        return path(uri).getFileSystem(configuration());
    }

    /** A file below a folder; the name may have slashes. */
    static String below(String folder, String name) {
        return new Path(path(folder), new Path(null, null, name)).toUri().toString();
    }

    /** The bytes from a place on. */
    InputStream open(String uri, long from) throws IOException {
        FSDataInputStream in = system(uri).open(path(uri));
        try {
            in.seek(from);
            return new BufferedInputStream(in, BUFFER);
        } catch (IOException | RuntimeException failed) {
            in.close();
            throw failed;
        }
    }

    /** A new file, in place of one that is there; folders above it are made. */
    OutputStream create(String uri) throws IOException {
        return system(uri).create(path(uri), true, BUFFER);
    }

    FileStatus status(String uri) throws IOException {
        return system(uri).getFileStatus(path(uri));
    }

    boolean has(String uri, long bytes) {
        try {
            FileStatus status = status(uri);
            return status.isFile() && status.getLen() == bytes;
        } catch (IOException absent) {
            return false;
        }
    }

    /** Gives a finished file its name; one that is there is replaced. */
    void rename(String from, String to) throws IOException {
        FileSystem system = system(to);
        if (system.rename(path(from), path(to))) {
            return;
        }
        system.delete(path(to), false); // Some systems replace nothing.
        if (!system.rename(path(from), path(to))) {
            throw new IOException("cannot rename " + from + " to " + to);
        }
    }

    /** Removes a file or a whole folder if it is there. */
    void delete(String uri) throws IOException {
        system(uri).delete(path(uri), true);
    }

    byte[] read(String uri) throws IOException {
        try (InputStream in = open(uri, 0)) {
            return in.readAllBytes();
        }
    }

    /** Files that a glob names, and those below folders among what it names; none if there are none. */
    List<FileStatus> matching(String glob) throws IOException {
        Path pattern = new Path(glob);
        FileSystem system = pattern.getFileSystem(configuration());
        FileStatus[] named = system.globStatus(pattern);
        List<FileStatus> files = new ArrayList<>();
        for (FileStatus status : named == null ? new FileStatus[0] : named) {
            if (status.isFile()) {
                files.add(status);
                continue;
            }
            RemoteIterator<LocatedFileStatus> below = system.listFiles(status.getPath(), true);
            while (below.hasNext()) {
                files.add(below.next());
            }
        }
        return files;
    }

    /** A failure to write, for the user. */
    static RuntimeException unwritable(String folder, IOException failed) {
        return OutputFolder.unwritable(java.nio.file.Path.of(folder), failed);
    }
}
