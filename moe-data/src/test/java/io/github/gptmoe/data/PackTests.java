package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What the tests of packing share. */
final class PackTests {
    static final PackProgress SILENT = (documents, textBytes, tokens, fraction) -> {};

    private PackTests() {}

    static PackConfig config(PackSource... sources) {
        return config(null, 1L, 0.1, sources);
    }

    static PackConfig config(Long tokens, Long seed, Double fraction, PackSource... sources) {
        return new PackConfig(List.of(sources), tokens, null, fraction, "characters", seed, null, null, null, null);
    }

    static PackConfig withBadRows(String policy, Double share, PackSource... sources) {
        return new PackConfig(List.of(sources), null, null, 0.1, "characters", null, policy, share, null, null);
    }

    static PackSource source(String name, Double weight, Double epochs, Path... files) {
        return new PackSource(name, Stream.of(files).map(Path::toString).toList(), weight, epochs);
    }

    /** Small parts and shards, so that a short text has several. */
    static PackOptions options(int threads, Path out) {
        return new PackOptions(threads, out.resolveSibling(out.getFileName() + ".bad"), 20_000, 1 << 15);
    }

    static MixResult pack(PackConfig config, Path out) {
        return pack(config, out, new CharTokenizer(1 << 16), SILENT, 2);
    }

    static MixResult pack(PackConfig config, Path out, Tokenizer tokenizer, PackProgress progress, int threads) {
        return MixPacker.pack(config, tokenizer, out, options(threads, out), progress);
    }

    /** All files of a folder. */
    static Map<String, byte[]> bytes(Path folder) throws IOException {
        Map<String, byte[]> bytes = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                bytes.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return bytes;
    }

    static List<String> documents(TokenShards stream, Tokenizer tokenizer) {
        List<String> texts = new ArrayList<>();
        for (long document = 0; document < stream.documents(); document++) {
            texts.add(tokenizer.decode(TokenPack.document(stream, document)));
        }
        return texts;
    }

    /** Counts what it encodes, and fails after a number of documents. */
    record CountingTokenizer(CharTokenizer characters, AtomicLong count, long most) implements WrappedTokenizer {
        CountingTokenizer() {
            this(Long.MAX_VALUE);
        }

        CountingTokenizer(long most) {
            this(new CharTokenizer(1 << 16), new AtomicLong(), most);
        }

        long encoded() {
            return count.get();
        }

        @Override
        public int[] encode(String text) {
            if (count.incrementAndGet() > most) {
                throw new IllegalStateException("interrupted");
            }
            return characters.encode(text);
        }
    }
}
