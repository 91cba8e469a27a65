package io.github.gptmoe.train.checkpoint;

import static io.github.gptmoe.train.checkpoint.Checkpoints.OPTIMIZER;
import static io.github.gptmoe.train.checkpoint.Checkpoints.WEIGHTS;
import static io.github.gptmoe.train.checkpoint.Checkpoints.names;
import static io.github.gptmoe.train.checkpoint.Checkpoints.save;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.ShardIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints whose weights are several files. */
class SplitCheckpointTest {
    private static final String FIRST = "weights-00001-of-00002.safetensors";
    private static final String SECOND = "weights-00002-of-00002.safetensors";
    private static final String INDEX = "weights.safetensors.index.json";

    @TempDir
    Path run;

    private CheckpointStore store;
    private Path saved;

    @BeforeEach
    void save100() {
        store = Checkpoints.store(run.resolve("checkpoints"), 4_096, Checkpoints.NOT_OBSERVED);
        saved = save(store, 100, 1);
    }

    @Test
    void onlyWhatIsTooLargeIsSplit() throws IOException {
        assertThat(names(saved)).containsExactlyInAnyOrder("manifest.json", OPTIMIZER, FIRST, SECOND, INDEX);
        Checkpoint checkpoint = store.open(saved);
        assertThat(checkpoint.manifest().formatVersion()).isEqualTo(2);
        assertThat(checkpoint.manifest().files())
                .extracting(FileEntry::name)
                .containsExactly(FIRST, SECOND, INDEX, OPTIMIZER);
        Checkpoints.assertIntact(checkpoint);
        store.verify(saved);
        assertThat(Checkpoints.newest(run.resolve("checkpoints"))).isEqualTo(checkpoint);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> checkpoint.openTensors("absent.safetensors"))
                .withMessageContaining("lists no such file");
        assertThat(ShardIndex.read(saved.resolve(INDEX)).metadata())
                .containsEntry("runId", "run-a")
                .containsEntry("step", "100");
    }

    @Test
    void aSmallOneIsWrittenAsBefore() throws IOException {
        Path small = save(Checkpoints.store(run.resolve("small")), 100, 1);
        assertThat(names(small)).containsExactlyInAnyOrder("manifest.json", OPTIMIZER, WEIGHTS);
        assertThat(store.open(small).manifest().formatVersion()).isEqualTo(1);
    }

    @Test
    void theSpaceThatIsAskedForIsThatOfAllFiles() throws IOException {
        long bytes = 0;
        for (String name : List.of(OPTIMIZER, FIRST, SECOND, INDEX)) {
            bytes += Files.size(saved.resolve(name));
        }
        CheckpointStore full = new CheckpointStore(run.resolve("full"), 2, 4_096, Checkpoints.NOT_OBSERVED, path -> 5);
        long needed = (bytes + (1 << 20)) * 101 / 100;
        assertThatExceptionOfType(DiskSpaceException.class)
                .isThrownBy(() -> save(full, 100, 1))
                .satisfies(error -> assertThat(error.neededBytes()).isBetween(needed - 1, needed + 1));
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Checkpoint opened = store.open(saved);
        Files.delete(saved.resolve(SECOND));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.open(saved))
                .withMessageContaining(SECOND)
                .withMessageContaining("is missing");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> opened.openTensors(WEIGHTS))
                .withMessageContaining(INDEX)
                .withMessageContaining(SECOND);
    }

    /** Checksums that match, as somebody who repairs by hand would leave them. */
    @Test
    void anIndexThatDoesNotFitTheFilesIsNoCheckpoint() throws IOException {
        String text = Files.readString(saved.resolve(INDEX));
        forgeIndex(text.replace("final_norm.bias", "final_norm.other"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.open(saved))
                .withMessageContaining(INDEX)
                .withMessageContaining("\"final_norm.bias\": is in " + SECOND)
                .withMessageContaining("restore it");
        forgeIndex(text.replace("\"step\" : \"100\"", "\"step\" : \"200\""));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.open(saved))
                .withMessageContaining(INDEX)
                .withMessageContaining("must not be mixed");
        forgeIndex(text.replace(SECOND, "other.safetensors"));
        Files.copy(saved.resolve(SECOND), saved.resolve("other.safetensors"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.open(saved))
                .withMessageContaining("other.safetensors")
                .withMessageContaining("lists no such file");
        forgeIndex(text);
        Checkpoints.assertIntact(store.open(saved));
    }

    @Test
    void anotherFileInTheFolderDoesNotMatter() throws IOException {
        Files.copy(saved.resolve(FIRST), saved.resolve(WEIGHTS));
        Checkpoints.assertIntact(store.open(saved));
    }

    @Test
    void aPartCannotBeCalledLikeAnIndex() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CheckpointPart(INDEX, Map.of(), List.of()))
                .withMessageContaining("not a plain name");
    }

    @Test
    void aFileOfASplitCheckpointOpensAlone() throws IOException {
        try (SafetensorsFile file = store.open(saved).openFile(SECOND)) {
            assertThat(file.entries()).hasSize(1);
        }
    }

    private void forgeIndex(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Files.write(saved.resolve(INDEX), bytes);
        FileDigest digest = new FileDigest();
        digest.write(ByteBuffer.wrap(bytes));
        CheckpointManifest manifest = new ManifestFile().read(saved);
        List<FileEntry> files = new ArrayList<>(manifest.files());
        files.replaceAll(entry -> entry.isIndex() ? digest.entry(INDEX) : entry);
        Files.write(
                saved.resolve("manifest.json"),
                new ManifestFile()
                        .encode(new CheckpointManifest(
                                manifest.formatVersion(),
                                manifest.runId(),
                                manifest.state(),
                                manifest.configHash(),
                                manifest.dataFingerprint(),
                                manifest.versions(),
                                files)));
    }
}
