package io.github.gptmoe.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as a file system that only Hadoop knows, and that replaces nothing when it renames, as HDFS. */
public final class FarFileSystem extends RawLocalFileSystem {

    @Override
    public URI getUri() {
        return URI.create("far:///");
    }

    @Override
    public String getScheme() {
        return "far";
    }

    @Override
    protected void checkPath(Path path) {
        if (!"far".equals(path.toUri().getScheme()) && path.toUri().getScheme() != null) {
            throw new IllegalArgumentException(path + " is not of this file system");
        }
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        return !exists(to) && super.rename(from, to);
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        return plain(super.getFileStatus(path));
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        return Arrays.stream(super.listStatus(path)).map(this::plain).toArray(FileStatus[]::new);
    }

    /** Those of the local disk look at it again when they are asked for permissions. */
    private FileStatus plain(FileStatus status) {
        return new FileStatus(
                status.getLen(),
                status.isDirectory(),
                status.getReplication(),
                status.getBlockSize(),
                status.getModificationTime(),
                makeQualified(status.getPath()));
    }
}
