package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusPackerTest {
    private static final PackProgress SILENT = (documents, textBytes, tokens, fraction) -> {};

    @TempDir
    Path folder;

    private final CharTokenizer tokenizer = new CharTokenizer(1 << 16);

    /** Encodes only after progress was heard. */
    private record BlockingTokenizer(CharTokenizer characters, CountDownLatch released) implements WrappedTokenizer {
        @Override
        public int[] encode(String text) {
            try {
                assertThat(released.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            return characters.encode(text);
        }
    }

    private TokenCorpus pack(DataConfig config, int threads, long shardBytes) {
        return CorpusPacker.pack(config, tokenizer, SILENT, new PackSettings(threads, shardBytes));
    }

    private static int[] all(TokenShards shards) {
        int[] tokens = new int[(int) shards.tokens()];
        shards.read(0, tokens);
        return tokens;
    }

    private static List<String> documents(TokenShards shards) {
        List<String> texts = new ArrayList<>();
        long start = 0;
        for (long document = 0; document < shards.documents(); document++) {
            int[] ids = new int[(int) (shards.documentEnd(document) - start - 1)];
            shards.read(start, ids);
            texts.add(new CharTokenizer(1 << 16).decode(ids));
            start = shards.documentEnd(document);
        }
        assertThat(start).isEqualTo(shards.tokens());
        return texts;
    }

    private Map<String, byte[]> bytes(Path root) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.toList()) {
                content.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    private List<String> cacheEntries() throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("cache"))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void streamHoldsTheDocumentsInOrder() throws IOException {
        TestFiles.write(folder, "a.txt", "你好\n\nab\n");
        TestFiles.write(folder, "v.jsonl", "{\"text\":\"x\\ny\"}\n");
        DataConfig config = TestFiles.config(folder, List.of("a.txt"), List.of("v.jsonl"), 0.5);
        try (TokenCorpus corpus = pack(config, 2, 1 << 20)) {
            assertThat(all(corpus.train())).containsExactly('你' + 1, '好' + 1, 0, 'a' + 1, 'b' + 1, 0);
            assertThat(all(corpus.validation())).containsExactly('x' + 1, '\n' + 1, 'y' + 1, 0);
            assertThat(corpus.train().documentEnd(0)).isEqualTo(3);
            assertThat(corpus.train().textBytes()).isEqualTo(8);
            assertThat(corpus.train().textCharacters()).isEqualTo(4);
            assertThat(corpus.report().documents()).isEqualTo(3);
            assertThat(corpus.report().tokens()).isEqualTo(10);
            assertThat(corpus.report().reused()).isFalse();
        }
    }

    @Test
    void textCharactersAreCodePoints() throws IOException {
        TestFiles.write(folder, "a.txt", "😀é\n");
        TestFiles.write(folder, "v.txt", "v\n");
        try (TokenCorpus corpus = pack(TestFiles.config(folder, List.of("a.txt"), List.of("v.txt"), 0.5), 1, 1 << 20)) {
            assertThat(corpus.train().textCharacters()).isEqualTo(2);
            assertThat(corpus.train().textBytes()).isEqualTo(6);
        }
    }

    @Test
    void splitDependsOnTheTextAlone() throws IOException {
        String text = TestFiles.lines(400);
        TestFiles.write(folder, "a.txt", text);
        List<String> reversed = new ArrayList<>(List.of(text.split("\n")));
        Collections.reverse(reversed);
        TestFiles.write(folder, "b.txt", String.join("\n", reversed) + "\n" + text);
        List<String> held;
        try (TokenCorpus corpus = pack(TestFiles.config(folder, "a.txt"), 2, 1 << 20)) {
            held = documents(corpus.validation());
            assertThat(held.size()).isBetween(50, 110);
            assertThat(documents(corpus.train())).hasSize(400 - held.size()).doesNotContainAnyElementsOf(held);
        }
        try (TokenCorpus corpus = pack(TestFiles.config(folder, "b.txt"), 2, 1 << 20)) {
            assertThat(documents(corpus.validation())).hasSize(2 * held.size());
            assertThat(documents(corpus.validation())).containsOnly(held.toArray(String[]::new));
        }
    }

    /** The hash is part of the cache format: this test pins it. */
    @Test
    void hashIsPinned() {
        assertThat(Hashes.hash64(new byte[0])).isEqualTo(Hashes.mix(0xCBF29CE484222325L));
        assertThat(Hashes.hash64("a".getBytes(UTF_8))).isEqualTo(Hashes.mix(0xAF63DC4C8601EC8CL));
        assertThat(Hashes.hash64("foobar".getBytes(UTF_8))).isEqualTo(Hashes.mix(0x85944171F73967E8L));
    }

    @Test
    void resultDoesNotDependOnThreadsOrRun() throws IOException {
        // Long enough for many groups, so that threads overtake each other.
        TestFiles.write(folder, "a.txt", TestFiles.lines(60_000));
        Map<String, byte[]> first = null;
        for (int threads : new int[] {1, 2, 4, 2}) {
            DataConfig config = TestFiles.config(folder, "a.txt");
            try (TokenCorpus corpus = pack(config, threads, 1 << 20)) {
                Map<String, byte[]> now = bytes(corpus.folder());
                first = first == null ? now : first;
                assertThat(now.keySet()).isEqualTo(first.keySet()).contains("train-00002.bin", "meta.json");
                for (String name : now.keySet()) {
                    assertThat(now.get(name)).as(name).isEqualTo(first.get(name));
                }
                assertThat(corpus.report().reused()).isFalse();
                PackFolder.discard(corpus.folder());
            }
        }
    }

    @Test
    void readsAcrossShardBorders() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(60));
        try (TokenCorpus whole = pack(TestFiles.config(folder, "a.txt"), 2, 1 << 20);
                TokenCorpus pieces = pack(TestFiles.config(folder, "a.txt"), 2, 14)) {
            int[] expected = all(whole.train());
            assertThat(Files.exists(pieces.folder().resolve("train-00020.bin"))).isTrue();
            assertThat(all(pieces.train())).isEqualTo(expected);
            assertThat(documents(pieces.train())).isEqualTo(documents(whole.train()));
            assertThat(pieces.fingerprint()).isEqualTo(whole.fingerprint());
            for (int start = 0; start < 40; start++) {
                for (int length = 0; length < 30; length++) {
                    int[] some = new int[length];
                    pieces.train().read(start, some);
                    assertThat(some).isEqualTo(Arrays.copyOfRange(expected, start, start + length));
                }
            }
            assertThatThrownBy(() -> pieces.train().read(expected.length - 2, new int[3]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> pieces.train().read(-1, new int[1])).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void largeVocabulariesTakeFourBytes() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(50) + "\uFFFE\n");
        try (TokenCorpus narrow = pack(TestFiles.config(folder, "a.txt"), 1, 1 << 20);
                TokenCorpus wide = CorpusPacker.pack(TestFiles.config(folder, "a.txt"), new CharTokenizer(65_537))) {
            assertThat(all(wide.train())).isEqualTo(all(narrow.train()));
            assertThat(Files.size(wide.folder().resolve("train-00000.bin")))
                    .isEqualTo(2 * Files.size(narrow.folder().resolve("train-00000.bin")));
        }
    }

    @Test
    void reusesTheCacheUntilSomethingChanges() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        DataConfig config = TestFiles.config(folder, "a.txt");
        pack(config, 2, 1 << 20).close();
        try (TokenCorpus again = pack(config, 1, 1 << 20)) {
            assertThat(again.report().reused()).isTrue();
            assertThat(again.report().tokens())
                    .isEqualTo(again.train().tokens() + again.validation().tokens());
        }
        assertPacks(new DataConfig(config.train(), null, 0.3, "t", config.cache(), null));
        assertPacks(new DataConfig(config.train(), null, 0.2, "t", config.cache(), "skip"));
        TestFiles.write(folder, "a.txt", TestFiles.lines(100).replace("document 7 ", "Document 7 "));
        assertPacks(config);
        assertThat(cacheEntries()).hasSize(4).noneMatch(name -> name.startsWith("."));
    }

    private void assertPacks(DataConfig config) {
        try (TokenCorpus corpus = pack(config, 2, 1 << 20)) {
            assertThat(corpus.report().reused()).isFalse();
        }
    }

    @Test
    void fingerprintIsThatOfTheTokens() throws IOException {
        Files.createDirectories(folder.resolve("other"));
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        TestFiles.write(folder, "other/renamed.txt", TestFiles.lines(100));
        TestFiles.write(folder, "changed.txt", TestFiles.lines(100) + "more\n");
        try (TokenCorpus first = pack(TestFiles.config(folder, "a.txt"), 1, 1 << 20);
                TokenCorpus same = pack(TestFiles.config(folder, "other/renamed.txt"), 1, 1 << 20);
                TokenCorpus changed = pack(TestFiles.config(folder, "changed.txt"), 1, 1 << 20)) {
            assertThat(same.fingerprint()).isEqualTo(first.fingerprint());
            assertThat(changed.fingerprint()).isNotEqualTo(first.fingerprint());
        }
    }

    @Test
    void damagedCacheEntriesAreMadeAgain() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        DataConfig config = TestFiles.config(folder, "a.txt");
        for (String victim : List.of("train-00000.bin", "validation.index", "meta.json")) {
            Path entry;
            try (TokenCorpus corpus = pack(config, 2, 1 << 20)) {
                entry = corpus.folder();
            }
            try (FileChannel channel = FileChannel.open(entry.resolve(victim), StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 1);
            }
            assertPacks(config);
            assertThat(cacheEntries()).containsExactly(entry.getFileName().toString());
        }
    }

    @Test
    void impossibleIdsInTheCacheAreNoticed() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        CharTokenizer small = new CharTokenizer(200);
        DataConfig config = TestFiles.config(folder, "a.txt");
        Path shard;
        try (TokenCorpus corpus = CorpusPacker.pack(config, small)) {
            shard = corpus.folder().resolve("train-00000.bin");
        }
        byte[] bytes = Files.readAllBytes(shard);
        bytes[1] = 1;
        Files.write(shard, bytes);
        try (TokenCorpus corpus = CorpusPacker.pack(config, small)) {
            assertThatThrownBy(() -> corpus.train().read(0, new int[1]))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(shard.getParent().toString());
        }
    }

    @Test
    void failureLeavesNothingBehind() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(20_000) + "a BROKEN one\n" + TestFiles.lines(20_000));
        assertThatThrownBy(() -> pack(TestFiles.config(folder, "a.txt"), 2, 1 << 20))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.txt, line 20001, byte ")
                .hasMessageContaining("cannot encode this");
        assertThat(cacheEntries()).isEmpty();
    }

    @Test
    void onlyTemporaryFoldersAreVisibleWhilePacking() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(20_000));
        DataConfig config = TestFiles.config(folder, "a.txt");
        List<List<String>> seen = new ArrayList<>();
        PackProgress spy = (documents, textBytes, tokens, fraction) -> {
            try {
                seen.add(cacheEntries());
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        };
        CorpusPacker.pack(config, tokenizer, spy, new PackSettings(2, 1 << 20)).close();
        assertThat(seen)
                .isNotEmpty()
                .allSatisfy(entries -> assertThat(entries).hasSize(2).allMatch(name -> name.startsWith(".packing-")));
        assertThat(cacheEntries()).hasSize(1).noneMatch(name -> name.startsWith("."));
    }

    @Test
    void progressCanEndThePackingWithoutAWaitForTheTokenizer() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(20_000));
        CountDownLatch released = new CountDownLatch(1);
        Tokenizer slow = new BlockingTokenizer(tokenizer, released);
        PackProgress stops = (documents, textBytes, tokens, fraction) -> {
            released.countDown();
            throw new IllegalStateException("stopped at " + documents);
        };
        DataConfig config = TestFiles.config(folder, "a.txt");
        assertThatThrownBy(() -> CorpusPacker.pack(config, slow, stops, new PackSettings(1, 1 << 20)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("stopped at 0");
        assertThat(cacheEntries()).isEmpty();
    }

    @Test
    void fileNamesAndMessagesDoNotDependOnTheLocale() throws IOException {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(CorpusMeta.shardName("train", 12)).isEqualTo("train-00012.bin");
            Files.write(folder.resolve("a.txt"), new byte[] {'a', '\n', (byte) 0xC3});
            assertThatThrownBy(() -> pack(TestFiles.config(folder, "a.txt"), 1, 1 << 20))
                    .hasMessageContaining("line 2, byte 2: invalid UTF-8 (byte 0xC3)");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void remainsOfKilledPackingsAreRemovedAndLiveOnesKept() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Files.createDirectories(cache.resolve(".packing-dead"));
        Files.writeString(cache.resolve(".packing-dead/train-00000.bin"), "half");
        Files.writeString(cache.resolve(".packing-dead.lock"), "");
        Files.createDirectories(cache.resolve(".trash-dead/deep"));
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        try (PackFolder live = PackFolder.create(cache)) {
            pack(TestFiles.config(folder, "a.txt"), 2, 1 << 20).close();
            assertThat(Files.exists(live.path())).isTrue();
            assertThat(cacheEntries()).hasSize(3).noneMatch(name -> name.contains("dead"));
        }
        assertThat(cacheEntries()).hasSize(1);
    }

    @Test
    void progressEndsWithTheTotals() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(1000));
        List<String> last = new ArrayList<>();
        PackProgress progress = (documents, textBytes, tokens, fraction) -> last.add(documents + " " + fraction);
        CorpusPacker.pack(TestFiles.config(folder, "a.txt"), tokenizer, progress)
                .close();
        assertThat(last.get(last.size() - 1)).isEqualTo("1000 1.0");
    }

    @Test
    void emptyCorporaAreNamed() throws IOException {
        TestFiles.write(folder, "empty.txt", "\n \n");
        TestFiles.write(folder, "one.txt", "only one\n");
        assertThatThrownBy(() -> pack(TestFiles.config(folder, "empty.txt"), 1, 1 << 20))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.train hold no documents")
                .hasMessageContaining("empty.txt");
        assertThatThrownBy(() -> pack(TestFiles.config(folder, "one.txt"), 1, 1 << 20))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.validationFraction 0.2");
        DataConfig config = TestFiles.config(folder, List.of("one.txt"), List.of("empty.txt"), 0.5);
        assertThatThrownBy(() -> pack(config, 1, 1 << 20)).hasMessageContaining("data.validation hold no documents");
        assertThat(cacheEntries()).isEmpty();
    }

    @Test
    void badRowsOfATrainingTextGoIntoTheCache() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(1500) + "nul \0 here\n" + TestFiles.lines(700));
        DataConfig config = TestFiles.config(folder, "a.txt");
        DataConfig keeps = new DataConfig(config.train(), null, 0.2, "t", config.cache(), "quarantine");
        String name;
        try (TokenCorpus corpus = pack(keeps, 2, 1 << 20)) {
            assertThat(corpus.report().skippedRows()).isEqualTo(1);
            name = corpus.folder().getFileName() + ".quarantine.ndjson";
            assertThat(corpus.folder().resolve("quarantine")).doesNotExist();
        }
        assertThat(Path.of(config.cache()).resolve(name))
                .content()
                .contains("\"line\":1501,", "\"row\":\"nul \\u0000 here\"");
        TestFiles.write(folder, "a.txt", TestFiles.lines(1500) + "nul \0 here\n".repeat(5));
        assertThatThrownBy(() -> pack(keeps, 2, 1 << 20)).hasMessageContaining("2 of the first 1502 rows");
        assertThat(cacheEntries()).hasSize(3); // The corpus, its bad rows, and those of the one that failed.
    }

    @Test
    void unusableCacheFolderIsNamed() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        TestFiles.write(folder, "cache", "a file, not a folder");
        assertThatThrownBy(() -> pack(TestFiles.config(folder, "a.txt"), 1, 1 << 20))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.cache ");
    }

    @Test
    void allConfigurationProblemsAreNamedAtOnce() {
        assertThatThrownBy(() -> CorpusPacker.pack(new DataConfig(null, null, 2.0, "t", null, null), tokenizer))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.train is missing")
                .hasMessageContaining("data.validationFraction is 2.0")
                .extracting("kind")
                .isEqualTo(InputException.Kind.CONFIGURATION);
    }

    /** Files above 64 MiB are judged by size, time and both ends. */
    @Test
    void largeSourcesAreJudgedByTheirEnds() throws IOException {
        Path file = folder.resolve("large.txt");
        long size = CorpusKey.WHOLE_FILE_BYTES + 1;
        FileTime time = FileTime.fromMillis(1_700_000_000_000L);
        List<String> keys = new ArrayList<>();
        for (long changedByte : new long[] {-1, 0, size - 1}) {
            try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
                large.setLength(0);
                large.setLength(size);
                if (changedByte >= 0) {
                    large.seek(changedByte);
                    large.write(7);
                }
            }
            Files.setLastModifiedTime(file, time);
            keys.add(key(file));
            assertThat(key(file)).isEqualTo(keys.get(keys.size() - 1));
        }
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_001_000L));
        keys.add(key(file));
        assertThat(keys).doesNotHaveDuplicates().hasSize(4);
    }

    private String key(Path file) {
        return new CorpusKey(TestFiles.config(folder, "large.txt"), List.of(file), List.of(), tokenizer, 1 << 20)
                .value();
    }

    @Test
    void sourcesThatChangeWhilePackingAreRefused() throws IOException {
        Path file = TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        PackProgress vandal = (documents, textBytes, tokens, fraction) -> {
            try {
                Files.writeString(file, "more\n", StandardOpenOption.APPEND);
            } catch (IOException failed) {
                throw new IllegalStateException(failed);
            }
        };
        DataConfig config = TestFiles.config(folder, "a.txt");
        assertThatThrownBy(() -> CorpusPacker.pack(config, tokenizer, vandal))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.txt: changed while it was read");
        assertThat(cacheEntries()).isEmpty();
    }

    @Test
    void closedShardsRefuseReads() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(100));
        TokenCorpus corpus = pack(TestFiles.config(folder, "a.txt"), 1, 1 << 20);
        corpus.close();
        assertThatThrownBy(() -> corpus.train().read(0, new int[1])).isInstanceOf(IllegalStateException.class);
    }
}
