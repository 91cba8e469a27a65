package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSourceTest {
    private static final int LENGTH = 16;

    @TempDir
    Path folder;

    private TokenCorpus corpus;
    private int[] stream;

    @BeforeEach
    void pack() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(60));
        corpus = CorpusPacker.pack(
                TestFiles.config(folder, "a.txt"),
                new CharTokenizer(1 << 16),
                (documents, textBytes, tokens, fraction) -> {},
                new PackSettings(2, 100));
        stream = new int[(int) corpus.train().tokens()];
        corpus.train().read(0, stream);
    }

    @AfterEach
    void close() {
        corpus.close();
    }

    private long[] window(long index, int shift) {
        int start = (int) index * LENGTH + shift;
        return Arrays.stream(Arrays.copyOfRange(stream, start, start + LENGTH))
                .asLongStream()
                .toArray();
    }

    @Test
    void samplesFollowTheOrderOfEachEpoch() {
        BatchSource source = new BatchSource(corpus.train(), LENGTH, 42);
        long perEpoch = source.samplesPerEpoch();
        assertThat(perEpoch).isEqualTo((stream.length - 1) / LENGTH);
        SampleOrder order = new SampleOrder(42, perEpoch);
        for (long sample = 0; sample < 3 * perEpoch; sample++) {
            TokenBatch batch = source.batch(sample, 1);
            long index = order.index(sample / perEpoch, sample % perEpoch);
            assertThat(batch.inputs()).isEqualTo(window(index, 0));
            assertThat(batch.targets()).isEqualTo(window(index, 1));
        }
    }

    @Test
    void randomAccessEqualsSequentialReading() {
        BatchSource source = new BatchSource(corpus.train(), LENGTH, 42);
        List<long[]> rows = new ArrayList<>();
        DataCursor cursor = new DataCursor(0);
        for (int step = 0; step < 30; step++) {
            TokenBatch batch = source.batch(cursor, 4);
            assertThat(batch.firstSample()).isEqualTo(cursor.sample());
            for (int row = 0; row < 4; row++) {
                rows.add(Arrays.copyOfRange(batch.inputs(), row * LENGTH, (row + 1) * LENGTH));
            }
            cursor = cursor.plus(4);
        }
        assertThat((long) rows.size()).isGreaterThan(source.samplesPerEpoch());
        BatchSource fresh = new BatchSource(corpus.train(), LENGTH, 42);
        TokenBatch middle = fresh.batch(57, 7);
        for (int row = 0; row < 7; row++) {
            assertThat(Arrays.copyOfRange(middle.inputs(), row * LENGTH, (row + 1) * LENGTH))
                    .isEqualTo(rows.get(57 + row));
        }
    }

    @Test
    void validationGoesThroughTheStreamOnce() {
        BatchSource source = new BatchSource(corpus.train(), LENGTH, 42);
        long window = 0;
        for (TokenBatch batch : source.validationBatches(5, Integer.MAX_VALUE)) {
            assertThat(batch.firstSample()).isEqualTo(window);
            for (int row = 0; row < batch.sequences(); row++) {
                assertThat(Arrays.copyOfRange(batch.inputs(), row * LENGTH, (row + 1) * LENGTH))
                        .isEqualTo(window(window, 0));
                window++;
            }
        }
        assertThat(window).isEqualTo(source.samplesPerEpoch());
        assertThat(source.validationBatches(2, 3)).hasSize(3).allMatch(batch -> batch.sequences() == 2);
    }

    @Test
    void exactlyOneSequenceIsEnough() {
        BatchSource source = new BatchSource(corpus.train(), stream.length - 1, 1);
        assertThat(source.samplesPerEpoch()).isEqualTo(1);
        assertThat(source.batch(5, 2).targets()).hasSize(2 * (stream.length - 1));
    }

    @Test
    void shortStreamsAreNamed() {
        assertThatThrownBy(() -> new BatchSource(corpus.train(), stream.length, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a.txt")
                .hasMessageContaining("model.sequenceLength");
        assertThatThrownBy(() -> new BatchSource(corpus.validation(), 1 << 20, 1))
                .hasMessageContaining("validation text of ")
                .hasMessageContaining("data.validationFraction");
    }

    @Test
    void refusesImpossibleRequests() {
        BatchSource source = new BatchSource(corpus.train(), LENGTH, 42);
        assertThatThrownBy(() -> source.batch(-1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> source.batch(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> source.validationBatches(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DataCursor(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
