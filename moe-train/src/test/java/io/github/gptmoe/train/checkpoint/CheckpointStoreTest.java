package io.github.gptmoe.train.checkpoint;

import static io.github.gptmoe.train.checkpoint.Checkpoints.OPTIMIZER;
import static io.github.gptmoe.train.checkpoint.Checkpoints.WEIGHTS;
import static io.github.gptmoe.train.checkpoint.Checkpoints.names;
import static io.github.gptmoe.train.checkpoint.Checkpoints.newest;
import static io.github.gptmoe.train.checkpoint.Checkpoints.parts;
import static io.github.gptmoe.train.checkpoint.Checkpoints.save;
import static io.github.gptmoe.train.checkpoint.Checkpoints.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
    @TempDir
    Path run;

    private Path folder() {
        return run.resolve("checkpoints");
    }

    @Test
    void givesBackWhatWasSaved() throws IOException {
        CheckpointStore store = store(folder());
        assertThat(store.newestValid(warning -> {})).isEmpty();
        assertThat(store.list()).isEmpty();

        Path saved = save(store, 100, 51_200);

        assertThat(saved).isEqualTo(folder().resolve("step-00000100"));
        assertThat(names(folder())).containsExactly("step-00000100");
        assertThat(names(saved)).containsExactly("manifest.json", OPTIMIZER, WEIGHTS);
        Checkpoint checkpoint = newest(folder());
        Checkpoints.assertIntact(checkpoint);
        CheckpointManifest expected = Checkpoints.description(100, 51_200)
                .withFiles(checkpoint.manifest().files());
        assertThat(checkpoint.manifest()).isEqualTo(expected);
        assertThat(checkpoint.manifest().files()).extracting(FileEntry::name).containsExactly(WEIGHTS, OPTIMIZER);
        store.verify(saved);
        assertThat(store.open(saved)).isEqualTo(checkpoint);
    }

    @Test
    void writesAManifestThatOtherProgramsCanRead() throws IOException {
        Path saved = save(store(folder()), 100, 51_200);
        JsonNode manifest =
                new ObjectMapper().readTree(saved.resolve("manifest.json").toFile());
        assertThat(manifest.fieldNames())
                .toIterable()
                .containsExactly(
                        "formatVersion",
                        "runId",
                        "state",
                        "configHash",
                        "dataFingerprint",
                        "versions",
                        "files",
                        "checksum");
        assertThat(manifest.at("/state/step").asLong()).isEqualTo(100);
        assertThat(manifest.at("/state/extra/scale").asText()).isEqualTo("65536");
        assertThat(manifest.at("/files/0/bytes").asLong()).isEqualTo(Files.size(saved.resolve(WEIGHTS)));
        assertThat(manifest.at("/files/0/crc32c")).hasSize(2);
    }

    @Test
    void writesTheSameBytesForTheSameState() throws IOException {
        Path first = save(store(run.resolve("a")), 100, 5);
        Path second = save(store(run.resolve("b")), 100, 5);
        for (String name : names(first)) {
            assertThat(first.resolve(name)).hasSameBinaryContentAs(second.resolve(name));
        }
    }

    @Test
    void syncsBeforeItRenames() {
        List<SavePoint> points = new ArrayList<>();
        save(store(folder(), (point, path) -> points.add(point)), 100, 5);
        assertThat(points)
                .containsExactly(
                        SavePoint.FOLDER_CREATED,
                        SavePoint.CHUNK_WRITTEN,
                        SavePoint.CHUNK_WRITTEN,
                        SavePoint.FILE_SYNCED,
                        SavePoint.CHUNK_WRITTEN,
                        SavePoint.FILE_SYNCED,
                        SavePoint.MANIFEST_WRITTEN,
                        SavePoint.MANIFEST_SYNCED,
                        SavePoint.FOLDER_SYNCED,
                        SavePoint.VERIFIED,
                        SavePoint.RENAMED,
                        SavePoint.PARENT_SYNCED);
    }

    @Test
    void keepsTheLastOnes() throws IOException {
        CheckpointStore store = new CheckpointStore(folder(), 3);
        for (long step : new long[] {1, 2, 30, 100, 20_000}) {
            save(store, step, step);
        }
        assertThat(names(folder())).containsExactly("step-00000030", "step-00000100", "step-00020000");
        assertThat(store.list())
                .extracting(Path::getFileName)
                .hasToString("[step-00020000, step-00000100, step-00000030]");
    }

    @Test
    void ordersStepsOfNineDigits() throws IOException {
        CheckpointStore store = store(folder());
        save(store, 99_999_999, 1);
        save(store, 100_000_000, 2);
        assertThat(newest(folder()).manifest().state().step()).isEqualTo(100_000_000);
    }

    @Test
    void keepsSoundOnesRatherThanDamagedOnes() throws IOException {
        save(store(folder()), 100, 1);
        Path damaged = save(store(folder()), 200, 1);
        truncate(damaged.resolve(WEIGHTS));
        save(store(folder()), 300, 1);
        assertThat(names(folder())).containsExactly("step-00000100", "step-00000200", "step-00000300");
        save(store(folder()), 400, 1);
        assertThat(names(folder())).containsExactly("step-00000300", "step-00000400");
    }

    @Test
    void neverPurgesWhatItJustSaved() throws IOException {
        CheckpointStore store = store(folder());
        save(store, 200, 1);
        save(store, 300, 1);
        save(store, 150, 1);
        assertThat(names(folder())).contains("step-00000150", "step-00000300");
    }

    @Test
    void refusesToKeepFewerThanTwo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CheckpointStore(folder(), 1))
                .withMessageContaining("keepLast is 1, must be at least 2");
    }

    @Test
    void replacesACheckpointOfTheSameStep() throws IOException {
        CheckpointStore store = store(folder());
        save(store, 100, 1);
        save(store, 100, 2);
        assertThat(names(folder())).containsExactly("step-00000100");
        assertThat(newest(folder()).manifest().state().tokens()).isEqualTo(2);
        Checkpoints.assertIntact(newest(folder()));
    }

    @Test
    void resumesFromTheNewestThatVerifiesAndSaysWhatItSkipped() throws IOException {
        CheckpointStore store = store(folder());
        save(store, 100, 1);
        Path damaged = save(store, 200, 1);
        truncate(damaged.resolve(OPTIMIZER));
        List<String> warnings = new ArrayList<>();
        Checkpoint found = store(folder()).newestValid(warnings::add).orElseThrow();
        assertThat(found.manifest().state().step()).isEqualTo(100);
        assertThat(warnings).singleElement().asString().contains(damaged.toString(), OPTIMIZER, "missing");

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder()).open(damaged))
                .withMessageContaining(OPTIMIZER)
                .withMessageContaining("--resume auto")
                .satisfies(error -> assertThat(error.kind()).isEqualTo(CheckpointException.Kind.DAMAGED))
                .satisfies(error -> assertThat(error.trainingMayContinue()).isFalse());
    }

    @Test
    void doesNotStartOverWhenEverythingIsDamaged() throws IOException {
        truncate(save(store(folder()), 100, 1).resolve(WEIGHTS));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder()).newestValid(warning -> {}))
                .withMessageContaining("none of the 1 checkpoints")
                .withMessageContaining("--resume never");
    }

    @Test
    void refusesWhatIsNoCheckpoint() throws IOException {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder()).open(run.resolve("absent")))
                .satisfies(error -> assertThat(error.kind()).isEqualTo(CheckpointException.Kind.NOT_FOUND));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder()).open(run))
                .withMessageContaining("not a finished checkpoint");
        Checkpoint checkpoint = store(folder()).open(save(store(folder()), 1, 1));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> checkpoint.openFile("../run.lock"))
                .withMessageContaining("lists no such file");
    }

    @Test
    void savesNothingWhenTheDiskHasTooLittleRoom() throws IOException {
        save(store(folder()), 100, 1);
        CheckpointStore full = new CheckpointStore(folder(), 2, Checkpoints.NOT_OBSERVED, path -> 1_000_000);
        assertThatExceptionOfType(DiskSpaceException.class)
                .isThrownBy(() -> save(full, 200, 1))
                .withMessageContaining("needs ")
                .withMessageContaining("1000000 free")
                .satisfies(error -> assertThat(error.neededBytes()).isBetween(2_300_000L, 2_500_000L))
                .satisfies(error -> assertThat(error.freeBytes()).isEqualTo(1_000_000))
                .satisfies(error -> assertThat(error.trainingMayContinue()).isTrue());
        assertThat(names(folder())).containsExactly("step-00000100");
    }

    @Test
    void clearsWhatDeadRunsLeftButNotWhatALiveOneWrites() throws IOException {
        Path dead = Files.createDirectories(folder().resolve("step-00000050.tmp-dead0000"));
        Files.writeString(dead.resolve(WEIGHTS), "half");
        Files.createFile(folder().resolve(".writer-dead0000.lock"));
        Files.createDirectories(folder().resolve("step-00000060.tmp-deadbeef"));
        Files.createDirectories(
                folder().resolve(".trash-step-00000010-deadbeef").resolve("deeper"));
        Files.createDirectories(folder().resolve("step-00000070.tmp-11fe"));
        Files.createDirectories(folder().resolve("notes"));
        Path liveLock = folder().resolve(".writer-11fe.lock");
        try (FileChannel channel = FileChannel.open(liveLock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            save(store(folder()), 100, 1);
            assertThat(names(folder()))
                    .containsExactly(".writer-11fe.lock", "notes", "step-00000070.tmp-11fe", "step-00000100");
        }
        save(store(folder()), 200, 1);
        assertThat(names(folder())).containsExactly("notes", "step-00000100", "step-00000200");
    }

    @Test
    void refusesPartsThatCannotBeSaved() {
        CheckpointStore store = store(folder());
        CheckpointPart part = parts(1, 1).get(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.save(Checkpoints.description(1, 1), List.of(part, part)))
                .withMessageContaining(OPTIMIZER);
        CheckpointPart twice = new CheckpointPart(
                WEIGHTS, Map.of(), List.of(part.tensors().get(0), part.tensors().get(0)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.save(Checkpoints.description(1, 1), List.of(twice)))
                .withMessageContaining("name is taken");
        for (String name : new String[] {"../x.safetensors", "a/b.safetensors", ".x.safetensors", "x.bin", ""}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointPart(name, Map.of(), List.of()));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CheckpointPart(WEIGHTS, Map.of("step", "9"), List.of()));
        assertThat(folder()).doesNotExist();
    }

    @Test
    void leavesNothingWhenATensorCannotBeRead() throws IOException {
        CheckpointStore store = store(folder());
        save(store, 100, 1);
        TensorSource sound = parts(1, 1).get(1).tensors().get(0);
        TensorSource failing = new TensorSource() {
            @Override
            public String name() {
                return sound.name();
            }

            @Override
            public SafetensorType type() {
                return sound.type();
            }

            @Override
            public long[] shape() {
                return sound.shape();
            }

            @Override
            public void writeTo(ByteSink sink) {
                throw new IllegalStateException("array is closed");
            }
        };
        CheckpointPart part = new CheckpointPart(WEIGHTS, Map.of(), List.of(failing));
        assertThatIllegalStateException()
                .isThrownBy(() -> store.save(Checkpoints.description(200, 1), List.of(part)))
                .withMessage("array is closed");
        assertThat(names(folder())).containsExactly("step-00000100");
    }

    @Test
    void refusesAManifestOfANewerProgram() throws IOException {
        Path saved = save(store(folder()), 100, 1);
        CheckpointManifest manifest = newest(folder()).manifest();
        CheckpointManifest newer = new CheckpointManifest(
                3, manifest.runId(), manifest.state(), "", "", manifest.versions(), manifest.files());
        Files.write(saved.resolve("manifest.json"), new ManifestFile().encode(newer));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder()).open(saved))
                .withMessageContaining("format version 3")
                .satisfies(error -> assertThat(error.kind()).isEqualTo(CheckpointException.Kind.TOO_NEW));
    }

    private static void truncate(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }
}
