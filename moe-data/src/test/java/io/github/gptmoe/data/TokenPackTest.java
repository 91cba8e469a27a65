package io.github.gptmoe.data;

import static io.github.gptmoe.data.PackTests.config;
import static io.github.gptmoe.data.PackTests.pack;
import static io.github.gptmoe.data.PackTests.source;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run makes of a packed corpus. */
class TokenPackTest {
    private static final DataRequest REQUEST = new DataRequest(32, 7, 4);

    private final CharTokenizer tokenizer = new CharTokenizer(1 << 16);

    @TempDir
    Path folder;

    private Path text;
    private Path pack;

    @BeforeEach
    void pack() throws IOException {
        text = TestFiles.write(folder, "a.txt", TestFiles.lines(2000));
        pack = folder.resolve("pack");
        PackTests.pack(config(source("a", null, 2.0, text)), pack);
    }

    private DataConfig data(List<String> train, List<String> validation, String tokenize, String format) {
        return new DataConfig(train, validation, null, "model", null, null, null, null, tokenize, format, null);
    }

    private TrainingData open() {
        return open(tokenizer);
    }

    private TrainingData open(Tokenizer with) {
        return TrainingData.open(data(List.of(pack.toString()), null, null, null), with, REQUEST, PackTests.SILENT);
    }

    @Test
    void runsReadThePackAndShareIt() throws IOException {
        try (TrainingData first = open();
                TrainingData second = open();
                TokenPack opened = TokenPack.open(pack)) {
            BatchSource expected = new BatchSource(opened.train(), 32, 7);
            for (long sample = 0; sample < 2 * expected.samplesPerEpoch(); sample += 97) {
                assertThat(first.batch(sample, 3).inputs())
                        .isEqualTo(expected.batch(sample, 3).inputs())
                        .isEqualTo(second.batch(sample, 3).inputs());
            }
            assertThat(first.fingerprint())
                    .isEqualTo("pack-" + opened.manifest().fingerprint())
                    .isEqualTo(second.fingerprint());
            assertThat(first.validation().tokens())
                    .isEqualTo(opened.manifest().validation().tokens());
            assertThat(first.baselines(1 << 16)).isPresent();
            assertThat(first.validation().description()).contains("a.txt");
        }
    }

    @Test
    void anotherTokenizerIsRefused() {
        assertThatThrownBy(() -> open(new CharTokenizer(50_000)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        pack + " was packed with another tokenizer (characters, SHA-256 characters-65536)")
                .hasMessageContaining("than data.tokenizer model (characters-50000)")
                .extracting("kind")
                .isEqualTo(InputException.Kind.CONFIGURATION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"train-00001.bin", "train.index", "validation-00000.bin", "validation.index"})
    void damageIsNamedBeforeTrainingBegins(String name) throws IOException {
        Path file = pack.resolve(name);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() / 2);
            int value = bytes.read();
            bytes.seek(bytes.length() / 2);
            bytes.write(value ^ 4);
        }
        assertDamaged(name + " fails its checksum");
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(bytes.length() - 1);
        }
        assertDamaged(name + " has " + Files.size(file) + " bytes instead of " + (Files.size(file) + 1));
        Files.delete(file);
        assertDamaged(name + " is missing");
    }

    private void assertDamaged(String what) {
        assertThatThrownBy(this::open)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the packed corpus " + pack + " is damaged: " + what)
                .extracting("kind")
                .isEqualTo(InputException.Kind.ENVIRONMENT);
    }

    @Test
    void anEditedDescriptionIsNoticed() throws IOException {
        Path file = pack.resolve("pack.json");
        String sound = Files.readString(file);
        List<String> edits = new ArrayList<>();
        edits.add(sound.replaceFirst("\"seed\" : 1", "\"seed\" : 2"));
        edits.add(sound.replaceFirst("\"epochs\" : 2.0", "\"epochs\" : 3.0"));
        edits.add(sound.replaceFirst("\"endOfDocument\" : 0", "\"endOfDocument\" : 5"));
        edits.add(sound.replaceFirst("\"textBytes\" : ", "\"textBytes\" : 9"));
        for (String edit : edits) {
            assertThat(edit).isNotEqualTo(sound);
            Files.writeString(file, edit);
            assertDamaged("pack.json was changed");
        }
        Files.writeString(file, sound.substring(0, sound.length() / 2));
        assertDamaged("pack.json cannot be read");
        List<String> broken = new ArrayList<>();
        broken.add(sound + "{}");
        broken.add(sound.replaceFirst("\"seed\" : 1,", "\"seed\" : 2, \"seed\" : 1,"));
        broken.add("null");
        for (String name : List.of("tokenizer", "settings", "sources", "files", "validationFiles", "train", "shards")) {
            JsonNode tree = new ObjectMapper().readTree(sound);
            ((ObjectNode) tree.findParent(name)).putNull(name);
            broken.add(tree.toString());
        }
        for (String text : broken) {
            assertThat(text).isNotEqualTo(sound);
            Files.writeString(file, text);
            assertDamaged("pack.json cannot be read");
        }
        Files.writeString(file, sound.replace("\"formatVersion\" : 1", "\"formatVersion\" : 99"));
        assertThatThrownBy(this::open).hasMessageContaining("format 99 instead of 1");
        Files.writeString(file, sound);
        open().close();
    }

    @Test
    void whatWouldBeIgnoredBesideAPackIsAMistake() {
        DataConfig all = data(List.of(pack.toString(), text.toString()), List.of(text.toString()), "stream", null);
        assertThatThrownBy(() -> TrainingData.open(all, tokenizer, REQUEST, PackTests.SILENT))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.train has other entries")
                .hasMessageContaining("data.validation is part of a packed corpus")
                .hasMessageContaining("data.tokenize is \"stream\"");
        DataConfig segments = data(List.of(pack.toString()), null, null, "segments");
        assertThatThrownBy(() -> TrainingData.open(segments, tokenizer, REQUEST, PackTests.SILENT))
                .hasMessageContaining("data.format is \"segments\"");
        DataConfig validation = data(List.of(text.toString()), List.of(pack.toString()), null, null);
        assertThatThrownBy(() -> TrainingData.open(validation, tokenizer, REQUEST, PackTests.SILENT))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.validation: " + pack + " is packed already");
    }

    @Test
    void aPackLiesInTheSecondFolderToo() {
        DataConfig written = data(List.of("pack"), null, null, null);
        List<String> told = new ArrayList<>();
        DataConfig model =
                new DataConfig(written.train(), null, null, text.toString(), null, null, null, null, null, null, null);
        DataConfig found = DataPlaces.find(model, folder, told::add);
        assertThat(found.train()).containsExactly(folder.toString().replace('\\', '/') + "/pack");
        assertThat(told).hasSize(1);
    }

    @Test
    void lengthsAreExact() throws IOException {
        try (TokenPack opened = TokenPack.open(pack)) {
            Lengths lengths = TokenPack.lengths(opened.train());
            assertThat(lengths.count()).isEqualTo(opened.train().documents());
            assertThat(lengths.total()).isEqualTo(opened.train().tokens());
            assertThat(lengths.histogram().stream()
                            .mapToLong(Lengths.Range::documents)
                            .sum())
                    .isEqualTo(lengths.count());
        }
        Lengths.Counter counter = new Lengths.Counter();
        for (int length = 100; length >= 1; length--) {
            counter.add(length);
        }
        Lengths lengths = counter.lengths();
        assertThat(List.of(
                        lengths.least(), lengths.p10(), lengths.median(), lengths.p90(), lengths.p99(), lengths.most()))
                .containsExactly(1L, 10L, 50L, 90L, 99L, 100L);
        assertThat(lengths.mean()).isEqualTo(50.5);
        assertThat(lengths.histogram())
                .startsWith(new Lengths.Range(1, 2, 1), new Lengths.Range(2, 4, 2))
                .endsWith(new Lengths.Range(64, 128, 37));
        assertThat(new Lengths.Counter().lengths().histogram()).isEmpty();
    }

    @Test
    void textFilesAreSurveyed() throws IOException {
        Path rows = TestFiles.write(
                folder, "b.jsonl", "{\"text\": \"你好\"}\n{\"text\": \"\"}\n{oops\n{\"text\": \"longer text\"}\n");
        TextSurvey survey =
                TextSurvey.of(List.of(rows.toString()), tokenizer, 1, new RowLimit(1 << 16, LongRows.REFUSE));
        assertThat(survey.rows()).isEqualTo(new PackManifest.Rows(4, 1, 1, 0));
        assertThat(survey.documents()).isEqualTo(2);
        assertThat(survey.textCharacters()).isEqualTo(13);
        assertThat(survey.textBytes()).isEqualTo(17);
        assertThat(survey.tokens()).isEqualTo(15);
        assertThat(survey.first()).containsExactly("你好");
        assertThat(survey.badRows()).hasSize(1);
        assertThat(survey.badRows().get(0).line()).isEqualTo(3);
        assertThat(survey.badRows().get(0).byteOffset()).isEqualTo(32);
        assertThat(survey.files()).hasSize(1);
        assertThat(survey.characters().most()).isEqualTo(11);
    }
}
