package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Shards that change on the disk while they are read; elsewhere than on Linux a mapped file cannot be changed. */
@EnabledOnOs(OS.LINUX)
class DamagedShardTest {
    private static final int TOKENS_OF_A_SHARD = 100;

    @TempDir
    Path folder;

    private TokenCorpus pack() throws IOException {
        TestFiles.write(folder, "a.txt", TestFiles.lines(60));
        return CorpusPacker.pack(
                TestFiles.config(folder, "a.txt"),
                new CharTokenizer(1 << 17), // four bytes a token, so that there are impossible ones
                (documents, textBytes, tokens, fraction) -> {},
                new PackSettings(2, TOKENS_OF_A_SHARD * Integer.BYTES));
    }

    private RandomAccessFile shard(int number) throws IOException {
        String name = CorpusMeta.shardName(TokenShards.TRAIN, number);
        try (Stream<Path> files = Files.walk(folder)) {
            Path file = files.filter(path -> path.getFileName().toString().equals(name))
                    .findFirst()
                    .orElseThrow();
            return new RandomAccessFile(file.toFile(), "rw");
        }
    }

    @Test
    void anImpossibleIdIsNamedWithFileAndByteAlsoByALoader() throws IOException {
        try (TokenCorpus corpus = pack()) {
            try (RandomAccessFile file = shard(1)) {
                file.seek(7 * Integer.BYTES);
                file.writeInt(-1);
            }
            int[] into = new int[20];
            corpus.train().read(TOKENS_OF_A_SHARD - 13, into);
            assertThatThrownBy(() -> corpus.train().read(TOKENS_OF_A_SHARD - 12, into))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(CorpusMeta.shardName(TokenShards.TRAIN, 1) + ", byte 28 (token 107 of train)")
                    .hasMessageContaining("id -1")
                    .hasMessageContaining("delete the folder");
            BatchSource source = new BatchSource(corpus.train(), 16, 1);
            BatchSchedule schedule = new BatchSchedule(0, 1, 0, 1);
            try (BatchLoader loader = new PrefetchingBatches(source::batch, schedule, 2, 4)) {
                assertThatThrownBy(() -> {
                            for (int sample = 0; sample < source.samplesPerEpoch(); sample++) {
                                loader.batch(sample, 1);
                            }
                        })
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("byte 28");
            }
        }
    }
}
