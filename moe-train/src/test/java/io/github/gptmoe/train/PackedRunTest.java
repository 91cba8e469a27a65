package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.MixPacker;
import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackManifest;
import io.github.gptmoe.data.PackOptions;
import io.github.gptmoe.data.PackSource;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.train.checkpoint.CheckpointStore;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a folder that was packed for several of them. */
class PackedRunTest {
    private static final Path MODEL = TinyRun.RESOURCES.resolve("tokenizer.model");

    @TempDir
    Path folder;

    private Path pack;
    private PackManifest manifest;

    @BeforeEach
    void pack() {
        pack = folder.resolve("pack");
        manifest = pack(pack, 0.2);
    }

    private static PackManifest pack(Path out, double validationFraction) {
        PackSource source = new PackSource("text", List.of(TinyRun.TEXT.toString()), null, 3.0);
        PackConfig all = PackConfig.of(List.of(source));
        PackConfig config = new PackConfig(
                all.sources(), null, null, validationFraction, MODEL.toString(), null, null, null, null, null);
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(MODEL)) {
            return MixPacker.pack(
                            config,
                            tokenizer,
                            out,
                            PackOptions.of(1, out.resolveSibling("bad")),
                            (documents, textBytes, tokens, fraction) -> {})
                    .manifest();
        }
    }

    private RunConfig config(String... more) {
        List<String> sets = new ArrayList<>(List.of("data.train=" + pack, "data.cache=" + folder.resolve("cache")));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    @Test
    void aRunTrainsOnItAndRemembersItsFingerprint() {
        Path run = folder.resolve("run");
        TinyRun.Heard heard = TinyRun.train(config(), run);
        assertThat(heard.losses())
                .hasSize(12)
                .allSatisfy(loss -> assertThat(loss).isFinite());
        assertThat(heard.validations).isNotEmpty();
        assertThat(folder.resolve("cache")).doesNotExist();
        CheckpointStore store = new CheckpointStore(run.resolve("checkpoints"), 2);
        assertThat(store.newestValid(message -> {}).orElseThrow().manifest().dataFingerprint())
                .isEqualTo("pack-" + manifest.fingerprint());
        assertThat(TinyRun.train(config(), folder.resolve("other")).losses()).isEqualTo(heard.losses());
    }

    /** The path of the data is part of a run's frozen configuration, so the folder is exchanged under the same one. */
    @Test
    void aRunIsNotContinuedOnAnotherPack() throws IOException {
        Path run = folder.resolve("run");
        TinyRun.train(config("train.steps=8"), run);
        Files.move(pack, folder.resolve("before"));
        pack(pack, 0.3);
        assertThatThrownBy(() -> TinyRun.train(config("train.steps=12"), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("pack-" + manifest.fingerprint());
    }

    @Test
    void anotherTokenizerAndADamagedShardAreRefusedAtTheStart() throws IOException {
        Path samples = Path.of("..", "samples", "zh.model");
        assertThatThrownBy(() -> TinyRun.train(
                        config("data.tokenizer=" + samples, "model.vocabulary=2500"), folder.resolve("wrong")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("was packed with another tokenizer");
        try (RandomAccessFile shard =
                new RandomAccessFile(pack.resolve("train-00000.bin").toFile(), "rw")) {
            shard.seek(40);
            int value = shard.read();
            shard.seek(40);
            shard.write(value ^ 1);
        }
        assertThatThrownBy(() -> TinyRun.train(config(), folder.resolve("damaged")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train-00000.bin fails its checksum");
        assertThatThrownBy(() -> TinyRun.train(config("data.validation=['" + TinyRun.TEXT + "']"), folder.resolve("v")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.validation is part of a packed corpus");
    }
}
