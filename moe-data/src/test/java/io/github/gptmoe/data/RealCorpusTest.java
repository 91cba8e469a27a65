package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Packs a part of the Chinese corpus beside the checkout when it is there. */
class RealCorpusTest {
    private static final Logger LOGGER = LoggerFactory.getLogger(RealCorpusTest.class);

    @TempDir
    Path folder;

    @Test
    void packsRealText() {
        Path corpus = Path.of("../../shared/data/corpus/zh");
        assumeThat(Files.isDirectory(corpus))
                .as("skipped: no corpus at %s", corpus)
                .isTrue();
        DataConfig config = new DataConfig(
                List.of(corpus + "/{luxun,recipes,childrens}*.jsonl.gz"), null, null, "t", folder.toString(), null);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(TestFiles.resource("tiny.model"));
                TokenCorpus tokens = CorpusPacker.pack(config, tokenizer)) {
            LOGGER.info(
                    "{} MB/s, {} tokens/s",
                    tokens.report().megabytesPerSecond(),
                    tokens.report().tokensPerSecond());
            assertThat(tokens.report().documents()).isEqualTo(395 + 386 + 3625);
            assertThat(tokens.validation().documents()).isBetween(150L, 300L);
            long first = tokens.train().documentEnd(0);
            int[] ids = new int[(int) first];
            tokens.train().read(0, ids);
            assertThat(ids[ids.length - 1]).isEqualTo(tokenizer.endOfDocument());
            assertThat(tokenizer.decode(ids)).contains("啄木鸟");
        }
    }
}
