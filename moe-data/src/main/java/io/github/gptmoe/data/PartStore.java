package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of an unfinished packing. A part is named by a hash over all that decides its content and its number in the file, so
 * one that is there can be used by whoever needs it.
 */
final class PartStore {
    private static final Logger LOGGER = LoggerFactory.getLogger(PartStore.class);
    private static final String TOKENS = ".tokens";
    private static final String DOCUMENTS = ".documents";
    private static final String BAD = ".bad";
    private static final String META = ".json";

    private final Path folder;
    private final int tokenBytes;

    PartStore(Path folder, int tokenBytes) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.tokenBytes = tokenBytes;
    }

    private static String name(String key, int number) {
        return String.format(Locale.ROOT, "%s-%05d", key, number);
    }

    /** A part that was finished and is as it was written; else null. */
    @Nullable
    TokenPart finished(String key, int number) throws IOException {
        String name = name(key, number);
        Path file = folder.resolve(name + META);
        if (!Files.exists(file)) {
            return null;
        }
        TokenPart part = sound(name, file);
        if (part == null) {
            LOGGER.warn("{} is damaged and is made again", folder.resolve(name));
            Files.delete(file);
        }
        return part;
    }

    private @Nullable TokenPart sound(String name, Path file) throws IOException {
        TokenPart.Meta meta;
        try {
            meta = PackJson.read(file, TokenPart.Meta.class);
        } catch (JsonProcessingException damaged) {
            return null;
        }
        TokenPart part = part(name, meta);
        Path bad = part.bad();
        boolean sound = isSound(part.tokens(), meta.tokensChecksum())
                && isSound(part.documents(), meta.documentsChecksum())
                && (bad == null || isSound(bad, String.valueOf(meta.badChecksum())));
        return sound ? part : null;
    }

    private static boolean isSound(Path file, String checksum) throws IOException {
        return Files.exists(file) && Checksums.crc32c(file).equals(checksum);
    }

    private TokenPart part(String name, TokenPart.Meta meta) {
        return new TokenPart(
                meta,
                folder.resolve(name + TOKENS),
                folder.resolve(name + DOCUMENTS),
                meta.badChecksum() == null ? null : folder.resolve(name + BAD));
    }

    /** Begins a part, in place of one that was not finished. */
    PartWriter writer(String key, int number) throws IOException {
        String name = name(key, number);
        Files.deleteIfExists(folder.resolve(name + BAD));
        return new PartWriter(
                folder.resolve(name + TOKENS),
                folder.resolve(name + DOCUMENTS),
                folder.resolve(name + BAD),
                tokenBytes,
                meta -> {
                    PackJson.write(folder.resolve(name + META), meta);
                    return part(name, meta);
                });
    }

    /** Removes the parts of files that are packed no more. */
    void keepOnly(Set<String> keys) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            int end = name.lastIndexOf('-');
            if (end < 0 || !keys.contains(name.substring(0, end))) {
                Files.delete(file);
            }
        }
    }
}
