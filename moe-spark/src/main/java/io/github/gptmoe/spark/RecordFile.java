package io.github.gptmoe.spark;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Reads records of a file one after the other, so that a task holds one of them. The file is closed behind the last, or when the task ends. */
final class RecordFile<T> implements Iterator<T> {
    private final DataInputStream in;
    private final Reader<T> reader;
    private long left;

    /** Reads a record. */
    @FunctionalInterface
    interface Reader<T> {
        /** Reads the record of a place, from 0. */
        T read(DataInputStream in, int index) throws IOException;
    }

    private int index;

    RecordFile(ClusterFiles files, String uri, int count, Reader<T> reader) throws IOException {
        this.in = new DataInputStream(files.open(uri, 0));
        this.reader = reader;
        this.left = count;
        closeIfDone();
    }

    @Override
    public boolean hasNext() {
        return left > 0;
    }

    @Override
    public T next() {
        if (left == 0) {
            throw new NoSuchElementException();
        }
        try {
            T record = reader.read(in, index++);
            left--;
            closeIfDone();
            return record;
        } catch (EOFException cut) {
            throw new UncheckedIOException("an intermediate file of this job is cut off", cut);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void closeIfDone() throws IOException {
        if (left == 0) {
            in.close();
        }
    }
}
