package io.github.gptmoe.train.checkpoint;

import static io.github.gptmoe.train.checkpoint.Checkpoints.WEIGHTS;
import static io.github.gptmoe.train.checkpoint.Checkpoints.names;
import static io.github.gptmoe.train.checkpoint.Checkpoints.save;
import static io.github.gptmoe.train.checkpoint.Checkpoints.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damages a checkpoint in many ways; each is found, with the file and the bytes named. */
class CheckpointDamageTest {
    private static final int MUTATIONS = 300;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+) (?:to|and) (\\d+)");

    @TempDir(factory = MemoryFolder.class)
    Path run;

    private record Damage(List<String> files, long offset) {}

    @ParameterizedTest
    @ValueSource(longs = {CheckpointStore.USUAL_SHARD_BYTES, 4_096})
    void findsEveryMutation(long shardBytes) throws IOException {
        Path folder = run.resolve("checkpoints");
        CheckpointStore store = store(folder, shardBytes, Checkpoints.NOT_OBSERVED);
        Map<String, byte[]> otherStep = contents(save(store, 100, 1));
        Path checkpoint = save(store, 200, 2);
        Map<String, byte[]> sound = contents(checkpoint);
        Random random = new Random(77);
        for (int i = 0; i < MUTATIONS; i++) {
            Damage damage = damage(checkpoint, sound, otherStep, random);
            CheckpointException found = catchThrowableOfType(
                    CheckpointException.class, () -> store(folder).open(checkpoint));
            assertThat(found).as("mutation %d: %s", i, damage).isNotNull();
            assertThat(found.kind()).isEqualTo(CheckpointException.Kind.DAMAGED);
            assertThat(damage.files())
                    .as(found.getMessage())
                    .contains(found.file().getFileName().toString());
            assertThat(found).hasMessageContaining(found.file().toString()).hasMessageContaining("restore it");
            if (damage.offset() >= 0) {
                assertRangeHolds(found, damage.offset());
            }
            assertThat(store(folder)
                            .newestValid(warning -> {})
                            .orElseThrow()
                            .manifest()
                            .state()
                            .step())
                    .isEqualTo(100);
            for (Map.Entry<String, byte[]> file : sound.entrySet()) {
                Files.deleteIfExists(checkpoint.resolve(file.getKey()));
                Files.write(checkpoint.resolve(file.getKey()), file.getValue());
            }
        }
        store(folder).verify(checkpoint);
    }

    private static void assertRangeHolds(CheckpointException found, long offset) {
        Matcher range = RANGE.matcher(found.getMessage());
        assertThat(range.find()).as(found.getMessage()).isTrue();
        assertThat(offset)
                .as(found.getMessage())
                .isBetween(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)));
    }

    private static Damage damage(
            Path checkpoint, Map<String, byte[]> sound, Map<String, byte[]> otherStep, Random random)
            throws IOException {
        String name = new ArrayList<>(sound.keySet()).get(random.nextInt(sound.size()));
        Path file = checkpoint.resolve(name);
        byte[] bytes = sound.get(name).clone();
        boolean manifest = name.equals("manifest.json");
        switch (random.nextInt(8)) {
            case 0 -> {
                int size = random.nextInt(bytes.length);
                Files.write(file, Arrays.copyOf(bytes, size));
                return new Damage(List.of(name), manifest ? -1 : size);
            }
            case 1 -> {
                Files.write(file, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(5)));
                return new Damage(List.of(name), bytes.length);
            }
            case 2, 3 -> {
                int at = random.nextInt(bytes.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
                // A flip in the header may turn run or step into another one, which is then the message.
                return new Damage(List.of(name), at < 1_000 ? -1 : at);
            }
            case 4 -> Files.delete(file);
            case 5 -> Files.write(file, new byte[0]);
            case 6 -> Files.write(file, otherStep.get(name));
            default -> {
                List<String> names = new ArrayList<>(sound.keySet());
                String other = names.get((names.indexOf(name) + 1) % names.size());
                Files.write(file, sound.get(other));
                Files.write(checkpoint.resolve(other), bytes);
                return new Damage(List.of(name, other), -1);
            }
        }
        return new Damage(List.of(name), -1);
    }

    @Test
    void refusesAFileOfAnotherRunOrStepEvenWithMatchingChecksums() throws IOException {
        Path mine = save(store(run.resolve("mine")), 100, 1);
        Path otherStep = save(store(run.resolve("other-step")), 200, 1);
        Path otherRun = store(run.resolve("other-run"))
                .save(Checkpoints.description("run-b", 100, 1), Checkpoints.parts(100, 1));
        for (Path foreign : List.of(otherStep, otherRun)) {
            Files.copy(foreign.resolve(WEIGHTS), mine.resolve("copy.safetensors"));
            byte[] swapped = Files.readAllBytes(mine.resolve("copy.safetensors"));
            Files.delete(mine.resolve("copy.safetensors"));
            byte[] original = Files.readAllBytes(mine.resolve(WEIGHTS));
            byte[] manifest = Files.readAllBytes(mine.resolve("manifest.json"));
            Files.write(mine.resolve(WEIGHTS), swapped);
            Files.write(mine.resolve("manifest.json"), forged(mine, swapped));

            assertThatExceptionOfType(CheckpointException.class)
                    .isThrownBy(() -> store(run.resolve("mine")).open(mine))
                    .withMessageContaining(WEIGHTS)
                    .withMessageContaining("must not be mixed")
                    .withMessageMatching(
                            "(?s).*belongs to run 'run-[ab]' step '[12]00', the checkpoint to run 'run-a'.*");
            Files.write(mine.resolve(WEIGHTS), original);
            Files.write(mine.resolve("manifest.json"), manifest);
        }
    }

    /** A manifest that calls the given bytes the right weights. */
    private static byte[] forged(Path mine, byte[] weights) throws IOException {
        CheckpointManifest manifest = new ManifestFile().read(mine);
        FileDigest digest = new FileDigest();
        for (int begin = 0; begin < weights.length; begin += FileEntry.CHUNK_BYTES) {
            digest.write(ByteBuffer.wrap(weights, begin, Math.min(FileEntry.CHUNK_BYTES, weights.length - begin)));
        }
        return new ManifestFile()
                .encode(new CheckpointManifest(
                        manifest.formatVersion(),
                        manifest.runId(),
                        manifest.state(),
                        manifest.configHash(),
                        manifest.dataFingerprint(),
                        manifest.versions(),
                        List.of(digest.entry(WEIGHTS), manifest.files().get(1))));
    }

    @Test
    void refusesLinksAndAFolderOfAnotherStep() throws IOException {
        Path folder = run.resolve("checkpoints");
        Path checkpoint = save(store(folder), 100, 1);
        Path moved = Files.move(checkpoint, folder.resolve("step-00000300"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder).open(moved))
                .withMessageContaining("belongs to step 100");
        Path renamed = Files.move(moved, run.resolve("best"));
        assertThat(store(folder).open(renamed).manifest().state().step()).isEqualTo(100);

        Path target = Files.move(renamed.resolve(WEIGHTS), run.resolve("elsewhere"));
        Files.createSymbolicLink(renamed.resolve(WEIGHTS), target);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(folder).open(renamed))
                .withMessageContaining("not a plain file");
    }

    @Test
    void verifyAlsoChecksTheSha256() throws IOException {
        Path checkpoint = save(store(run), 100, 1);
        CheckpointManifest manifest = new ManifestFile().read(checkpoint);
        FileEntry weights = manifest.files().get(0);
        FileEntry wrong = new FileEntry(weights.name(), weights.bytes(), "0".repeat(64), weights.crc32c());
        CheckpointManifest changed = new CheckpointManifest(
                1,
                manifest.runId(),
                manifest.state(),
                "",
                "",
                Map.of(),
                List.of(wrong, manifest.files().get(1)));
        Files.write(checkpoint.resolve("manifest.json"), new ManifestFile().encode(changed));
        store(run).open(checkpoint);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store(run).verify(checkpoint))
                .withMessageContaining(WEIGHTS)
                .withMessageContaining("SHA-256");
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String name : names(folder)) {
            contents.put(name, Files.readAllBytes(folder.resolve(name)));
        }
        return contents;
    }
}
