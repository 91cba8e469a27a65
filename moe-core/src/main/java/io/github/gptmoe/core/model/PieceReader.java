package io.github.gptmoe.core.model;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.UncachedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How one thread of a load reads: past the cache from some files, which it opens one after the other. */
final class PieceReader implements AutoCloseable {
    private final Set<SafetensorsFile> uncached;
    private @Nullable SafetensorsFile current;
    private Optional<UncachedReader> open = Optional.empty();

    PieceReader(Set<SafetensorsFile> uncached) {
        this.uncached = uncached;
    }

    /** What to read a range from, until the next call. */
    StoredRange.Source of(StoredRange range) throws IOException {
        SafetensorsFile file = range.file();
        if (file != current) {
            close();
            current = file;
            open = uncached.contains(file) ? UncachedReader.open(file.path()) : Optional.empty();
        }
        if (open.isPresent()) {
            return open.get()::read;
        }
        return range.throughCache();
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
