package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamedDataTest {
    private static final int LENGTH = 16;
    private static final StreamSettings SETTINGS = new StreamSettings(200, 3, 1 << 20, 1);

    @TempDir
    Path folder;

    private DataConfig config;
    private final Counting tokenizer = new Counting(new CharTokenizer(1 << 16), new ConcurrentHashMap<>());

    /** Remembers how often it encoded a text. */
    private record Counting(CharTokenizer characters, Map<String, Integer> encoded) implements WrappedTokenizer {
        @Override
        public int[] encode(String text) {
            encoded.merge(text, 1, Integer::sum);
            return characters.encode(text);
        }
    }

    @BeforeEach
    void files() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(60));
        TestFiles.write(
                folder, "b.txt", TestFiles.lines(97).replace("document", "text") + "a last line without an end");
        config = TestFiles.config(folder, "a.txt", "b.txt");
    }

    private StreamedData open(StreamSettings settings) {
        return StreamedData.open(config, tokenizer, new DataRequest(LENGTH, 42, 4), settings);
    }

    private StreamedData open() {
        return open(SETTINGS);
    }

    private static List<List<Long>> samples(TrainingData data, long from, int count) {
        return LongStream.range(from, from + count)
                .mapToObj(sample -> row(data.batch(sample, 1), 0))
                .toList();
    }

    /** Inputs and the last target. */
    private static List<Long> row(TokenBatch batch, int row) {
        List<Long> tokens = new ArrayList<>();
        for (int i = row * batch.length(); i < (row + 1) * batch.length(); i++) {
            tokens.add(batch.inputs()[i]);
        }
        tokens.add(batch.targets()[(row + 1) * batch.length() - 1]);
        for (int i = 1; i < batch.length(); i++) {
            assertThat(batch.targets()[row * batch.length() + i - 1]).isEqualTo(tokens.get(i));
        }
        return tokens;
    }

    /** The tokens of some groups, one after the other. */
    private int[] stream(long groups, int blockBytes, int perGroup, double fraction) {
        List<Path> files = CorpusFiles.resolve("train", config.train());
        TextBlocks blocks = new TextBlocks(files, blockBytes);
        StreamOrder order = new StreamOrder(42, blocks.count(), perGroup);
        BlockReader reader = new BlockReader(new RowCounts(BadRows.FAIL), 1000);
        try (BlockTokens tokens = new BlockTokens(blocks, order, reader, tokenizer, fraction, 0)) {
            return LongStream.range(0, groups < 0 ? -groups * order.groupsPerEpoch() : groups)
                    .mapToObj(group -> tokens.of(group, false))
                    .flatMapToInt(Arrays::stream)
                    .toArray();
        }
    }

    private int[] packed() {
        try (TokenCorpus corpus = CorpusPacker.pack(config, tokenizer)) {
            int[] all = new int[(int) corpus.train().tokens()];
            corpus.train().read(0, all);
            return all;
        }
    }

    private static List<String> documents(int[] tokens) {
        String text = new CharTokenizer(1 << 16)
                .decode(Arrays.stream(tokens).map(id -> id == 0 ? '\n' + 1 : id).toArray());
        return Arrays.stream(text.split("\n", -1)).sorted().toList();
    }

    @Test
    void anEpochHasEveryTrainingDocumentOnce() {
        List<String> expected = documents(packed());
        assertThat(expected).hasSizeGreaterThan(100);
        for (int blockBytes : new int[] {1, 37, 200, 100_000}) {
            assertThat(documents(stream(-1, blockBytes, 3, config.validationFraction())))
                    .isEqualTo(expected);
        }
    }

    /** Two epochs of samples are the windows of one stream without gaps, in another order. */
    @Test
    void samplesAreTheWindowsOfOneStream() {
        int[] stream = stream(-2, 200, 3, config.validationFraction());
        int count = (stream.length - 1) / LENGTH;
        List<List<Long>> windows = IntStream.range(0, count)
                .mapToObj(window -> Arrays.stream(stream, window * LENGTH, window * LENGTH + LENGTH + 1)
                        .asLongStream()
                        .boxed()
                        .toList())
                .toList();
        try (StreamedData data = open()) {
            List<List<Long>> samples = samples(data, 0, count);
            assertThat(samples).containsExactlyInAnyOrderElementsOf(windows).isNotEqualTo(windows);
        }
    }

    /** So a first epoch has the tokens of the packed stream, less what is too short for a window. */
    @Test
    void anEpochHasTheTokensOfThePackedStream() {
        int[] packed = packed();
        List<Long> left =
                new ArrayList<>(Arrays.stream(packed).asLongStream().boxed().toList());
        try (StreamedData data = open()) {
            for (List<Long> sample : samples(data, 0, (packed.length - 1) / LENGTH)) {
                sample.subList(0, LENGTH)
                        .forEach(token -> assertThat(left.remove(token)).isTrue());
            }
        }
        assertThat(left).hasSizeBetween(1, LENGTH);
    }

    @Test
    void everyEpochHasAnOrderOfItsOwn() {
        StreamOrder order = new StreamOrder(42, 10, 3);
        assertThat(order.groupsPerEpoch()).isEqualTo(4);
        List<List<Long>> epochs = new ArrayList<>();
        for (int epoch = 0; epoch < 2; epoch++) {
            long first = 4L * epoch;
            epochs.add(LongStream.range(first, first + 4)
                    .flatMap(group -> Arrays.stream(order.blocksOf(group)))
                    .boxed()
                    .toList());
        }
        assertThat(epochs)
                .allSatisfy(
                        epoch -> assertThat(epoch).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L));
        assertThat(epochs.get(0)).isNotEqualTo(epochs.get(1));
        assertThat(new StreamOrder(43, 10, 3).blocksOf(0)).isNotEqualTo(order.blocksOf(0));
    }

    /** Threads, what is kept, and the order of asking change nothing. */
    @ParameterizedTest
    @CsvSource({"0, 1000000", "1, 1000000", "4, 1000000", "0, 1", "3, 1"})
    void samplesDependOnTheirNumberAlone(int threads, long held) {
        List<List<Long>> expected;
        try (StreamedData data = open()) {
            expected = samples(data, 0, 300);
        }
        try (StreamedData data = open(new StreamSettings(200, 3, held, threads))) {
            assertThat(row(data.batch(140, 1), 0)).isEqualTo(expected.get(140));
            for (int first : new int[] {0, 7, 290, 133, 0, 250}) {
                TokenBatch batch = data.batch(first, 10);
                for (int row = 0; row < 10; row++) {
                    assertThat(row(batch, row)).isEqualTo(expected.get(first + row));
                }
            }
        }
        try (StreamedData other = StreamedData.open(config, tokenizer, new DataRequest(LENGTH, 43, 4), SETTINGS)) {
            assertThat(samples(other, 0, 300)).isNotEqualTo(expected);
        }
    }

    /** Ranks ask side by side, each ahead of itself; nothing is tokenised twice within an epoch. */
    @Test
    void ranksShareWhatIsTokenised() throws InterruptedException, ExecutionException {
        // Half an epoch: what is begun ahead lies within it too.
        int samples = (packed().length - 1) / LENGTH / 8 * 4;
        List<List<Long>> expected;
        try (StreamedData data = open()) {
            expected = samples(data, 0, samples);
        }
        tokenizer.encoded.clear();
        ExecutorService ranks = Executors.newFixedThreadPool(2);
        try (StreamedData data = open()) {
            List<Future<?>> ended = new ArrayList<>();
            for (int rank = 0; rank < 2; rank++) {
                BatchSchedule schedule = new BatchSchedule(0, 2, rank, 2);
                ended.add(ranks.submit(() -> {
                    try (BatchLoader loader = new PrefetchingBatches(data::batch, schedule, 2, 1)) {
                        for (int request = 0; request < samples / 4; request++) {
                            long first = schedule.sample(request);
                            TokenBatch batch = loader.batch(first, 2);
                            assertThat(row(batch, 0)).isEqualTo(expected.get((int) first));
                            assertThat(row(batch, 1)).isEqualTo(expected.get((int) first + 1));
                        }
                    }
                }));
            }
            for (Future<?> rank : ended) {
                rank.get();
            }
        } finally {
            ranks.shutdownNow();
        }
        assertThat(tokenizer.encoded.values()).hasSizeGreaterThan(50).containsOnly(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void goesOnFromACheckpointWithTheNextSample(int threads) {
        StreamSettings settings = new StreamSettings(200, 3, 1 << 20, threads);
        try (StreamedData whole = open(settings)) {
            List<List<Long>> expected = samples(whole, 0, 500);
            for (int sample = 0; sample < 460; sample += 23) {
                // What was made ahead of the checkpoint must not show in it.
                Map<String, String> state = whole.state(sample);
                try (StreamedData again = open(settings)) {
                    again.resume(sample, state);
                    assertThat(again.state(sample)).isEqualTo(state);
                    assertThat(samples(again, sample, 40)).isEqualTo(expected.subList(sample, sample + 40));
                    assertThat(again.state(sample + 40)).isEqualTo(whole.state(sample + 40));
                }
            }
        }
    }

    /** Documents of 600 bytes a group, whatever came before. */
    @Test
    void goingOnReadsNothingAgainButTheGroupsAround() {
        try (StreamedData whole = open()) {
            samples(whole, 0, 400);
            Map<String, String> state = whole.state(390);
            tokenizer.encoded.clear();
            StreamSettings direct = new StreamSettings(200, 3, 1 << 20, 0);
            try (StreamedData again = open(direct)) {
                int validation = tokenizer.encoded.size();
                again.resume(390, state);
                again.batch(390, 1);
                assertThat(tokenizer.encoded.size() - validation).isBetween(1, 90);
            }
        }
    }

    @Test
    void anotherSeedCannotGoOn() {
        try (StreamedData data = open()) {
            Map<String, String> state = data.state(0);
            try (StreamedData other = StreamedData.open(config, tokenizer, new DataRequest(LENGTH, 43, 4), SETTINGS)) {
                assertThatThrownBy(() -> other.resume(0, state))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("set train.seed to 42 instead of 43");
                assertThatThrownBy(() -> other.resume(5, Map.of()))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("the checkpoint has no data.group");
            }
        }
    }

    /** What is kept does not grow, however far a run goes. */
    @Test
    void keepsABoundedNumberOfTokens() {
        try (StreamedData data = open(new StreamSettings(200, 3, 2_000, 1))) {
            long most = 0;
            for (int sample = 0; sample < 3_000; sample++) {
                data.batch(sample, 1);
                most = Math.max(most, data.tokensHeld());
            }
            assertThat(most).isBetween(1_000L, 2_000L);
        }
    }

    @Test
    void remembersABoundedNumberOfGroups() {
        GroupTable table = new GroupTable(StreamPosition.START, 10);
        for (int group = 0; group < 20_000; group++) {
            SampleGroup made = SampleGroup.of(table.missing(Long.MAX_VALUE), new int[5], 2, 1);
            assertThat(made.windows()).isEqualTo(2);
            table.add(made);
            assertThat(table.heldTokens()).isLessThanOrEqualTo(10);
        }
        assertThat(table.begin(40_000)).isEqualTo(new StreamPosition(20_000, 40_000, 1));
        assertThat(table.begin(20_001).group()).isEqualTo(10_000);
        assertThatThrownBy(() -> table.begin(5)).hasMessageContaining("sample 5 lies before");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void validatesOnTheFirstTokensOfThePackedPath(boolean ofFiles) throws IOException {
        if (ofFiles) {
            TestFiles.write(folder, "v.txt", TestFiles.lines(40).replace("document", "held"));
            config = TestFiles.config(folder, List.of("a.txt", "b.txt"), List.of("v.txt"), 0.2);
        }
        try (TokenCorpus corpus = CorpusPacker.pack(config, tokenizer);
                StreamedData data = open()) {
            int[] expected = new int[4 * LENGTH + 1];
            int[] streamed = new int[4 * LENGTH + 1];
            corpus.validation().read(0, expected);
            data.validation().read(0, streamed);
            assertThat(streamed).isEqualTo(expected);
            assertThat(data.validation().tokens())
                    .isLessThan(corpus.validation().tokens());
            try (StreamedData all =
                    StreamedData.open(config, tokenizer, new DataRequest(LENGTH, 42, 1_000_000), SETTINGS)) {
                assertThat(all.validation().tokens())
                        .isEqualTo(corpus.validation().tokens());
                assertThat(all.validation().textBytes())
                        .isEqualTo(corpus.validation().textBytes());
            }
        }
        assertThat(documents(stream(-1, 200, 3, ofFiles ? 0 : 0.2))).isEqualTo(documents(packed()));
    }

    @Test
    void theFingerprintIsOfFilesAndTokenizer() throws IOException {
        String before = fingerprint();
        assertThat(before).startsWith("stream-").hasSizeGreaterThan(60);
        Path file = folder.resolve("a.txt");
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        assertThat(fingerprint()).isEqualTo(before);
        config = TestFiles.config(folder, List.of("a.txt", "b.txt"), List.of(), 0.3);
        assertThat(fingerprint()).isNotEqualTo(before);
        config = TestFiles.config(folder, "b.txt", "a.txt");
        assertThat(fingerprint()).isNotEqualTo(before);
        config = TestFiles.config(folder, "a.txt", "b.txt");
        try (StreamedData smaller =
                StreamedData.open(config, new CharTokenizer(1 << 15), new DataRequest(LENGTH, 1, 4), SETTINGS)) {
            assertThat(smaller.fingerprint()).isNotEqualTo(before);
        }
        assertThat(fingerprint()).isEqualTo(before);
        Files.writeString(file, TestFiles.lines(60).replace("document 0", "Document 0"));
        assertThat(fingerprint()).isNotEqualTo(before);
        Files.writeString(file, TestFiles.lines(61));
        assertThat(fingerprint()).isNotEqualTo(before);
    }

    private String fingerprint() {
        try (StreamedData data = open()) {
            return data.fingerprint();
        }
    }

    /** The failure comes out of the batch that needs the text, through whatever threads it went. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void failuresNameFileAndByte(int threads) throws IOException {
        Path file = folder.resolve("b.txt");
        long size = Files.size(file);
        try (StreamedData data = open(new StreamSettings(200, 3, 1 << 20, threads))) {
            data.batch(0, 1);
            Files.write(file, new byte[] {'x'}, StandardOpenOption.APPEND);
            BatchSchedule schedule = new BatchSchedule(1, 1, 0, 1);
            try (BatchLoader loader = new PrefetchingBatches(data::batch, schedule, 2, 2)) {
                assertThatThrownBy(() -> {
                            for (int sample = 1; sample < 400; sample++) {
                                loader.batch(sample, 1);
                            }
                        })
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining(file + ", byte ")
                        .hasMessageContaining("the file has " + (size + 1) + " bytes, and had " + size);
            }
        }
        Files.writeString(file, "fine\nBROKEN line\n" + TestFiles.lines(90));
        assertThatThrownBy(() -> {
                    try (StreamedData data = open(new StreamSettings(200, 3, 1 << 20, threads))) {
                        samples(data, 0, 400);
                    }
                })
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ", ")
                .hasMessageContaining("byte 5: the tokenizer failed on this document");
    }

    @Test
    void tooLittleTextIsSaid() throws IOException {
        TestFiles.write(folder, "v.txt", TestFiles.lines(40));
        TestFiles.write(folder, "short.txt", "abcd\n\nef\n");
        config = TestFiles.config(folder, List.of("short.txt"), List.of("v.txt"), 0.2);
        assertThatThrownBy(() -> open(new StreamSettings(2, 1, 1 << 20, 0)).batch(0, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("short.txt has only about ")
                .hasMessageContaining("one sequence needs 17");
        TestFiles.write(folder, "blank.txt", "\n \n\n");
        config = TestFiles.config(folder, List.of("blank.txt"), List.of("v.txt"), 0.2);
        assertThatThrownBy(() -> open().batch(0, 1)).hasMessageContaining("has only about 0 tokens");
        TestFiles.write(folder, "empty.txt", "");
        config = TestFiles.config(folder, List.of("empty.txt"), List.of("v.txt"), 0.2);
        assertThatThrownBy(this::open).hasMessageContaining("are empty");
        config = TestFiles.config(folder, List.of("a.txt"), List.of("blank.txt"), 0.2);
        assertThatThrownBy(this::open).hasMessageContaining("data.validation hold no documents");
        config = TestFiles.config(folder, List.of("a.txt"), List.of("short.txt"), 0.2);
        assertThatThrownBy(this::open).hasMessageContaining("raise data.validationFraction");
        config = TestFiles.config(folder, List.of("short.txt"), List.of(), 1e-9);
        assertThatThrownBy(this::open).hasMessageContaining("leaves the validation set without any of the 2 documents");
    }

    /** Then a group has no window or one, so that the samples are the stream in its own order. */
    @Test
    void groupsMayBeShorterThanASequence() {
        int length = 150;
        int[] stream = stream(-3, 20, 1, config.validationFraction());
        DataRequest request = new DataRequest(length, 42, 1);
        try (StreamedData data = StreamedData.open(config, tokenizer, request, new StreamSettings(20, 1, 1, 2))) {
            for (int sample = 0; sample < (stream.length - 1) / length; sample++) {
                assertThat(data.batch(sample, 1).inputs())
                        .as("sample %d", sample)
                        .containsExactly(Arrays.stream(stream, sample * length, (sample + 1) * length)
                                .asLongStream()
                                .toArray());
            }
        }
    }

    @Test
    void nothingIsCounted() {
        try (StreamedData data = open()) {
            assertThat(data.baselines(1 << 16)).isEmpty();
        }
    }

    @Test
    void theConfigurationChooses() {
        DataRequest request = new DataRequest(LENGTH, 42, 4);
        PackProgress silent = (documents, textBytes, tokens, fraction) -> {};
        try (TrainingData ahead = TrainingData.open(config, tokenizer, request, silent)) {
            assertThat(ahead).isInstanceOf(PackedData.class);
            assertThat(ahead.baselines(1 << 16)).isPresent();
            assertThat(ahead.state(7)).isEmpty();
        }
        DataConfig streamed = new DataConfig(
                config.train(),
                null,
                0.2,
                "t",
                folder.resolve("none").toString(),
                null,
                null,
                null,
                "stream",
                null,
                null);
        try (TrainingData data = TrainingData.open(streamed, tokenizer, request, silent)) {
            assertThat(data).isInstanceOf(StreamedData.class);
            assertThat(data.batch(0, 3).sequences()).isEqualTo(3);
        }
        assertThat(folder.resolve("none")).doesNotExist();
    }
}
