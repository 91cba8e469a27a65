package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.SegmentedRow.Kind;
import io.github.gptmoe.data.SegmentedRow.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Characters are the tokens, and id 0 is the end of documents. */
class SegmentedDataTest {
    private static final int LENGTH = 40;
    private static final Tokenizer TOKENIZER = new CharTokenizer(1 << 16);
    private static final SegmentWeights WEIGHTS = new SegmentWeights(0.5, 2.0, 3.0);

    @TempDir
    Path folder;

    private static String segment(Kind kind, String text) {
        return "{\"kind\":\"" + kind.name().toLowerCase(Locale.ROOT) + "\",\"text\":\"" + text + "\"}";
    }

    private static String line(SegmentedRow row) {
        return "{\"segments\":["
                + row.segments().stream()
                        .map(segment -> segment(segment.kind(), segment.text()))
                        .collect(Collectors.joining(","))
                + "],\"weight\":" + row.weight() + "}\n";
    }

    /** Examples of 5 to 35 tokens with different texts, some of them with a frame after the label. */
    private static List<SegmentedRow> rows(int count) {
        Random random = new Random(3);
        List<SegmentedRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Segment> segments = new ArrayList<>();
            segments.add(new Segment(Kind.CONTEXT, i + "x".repeat(1 + random.nextInt(18))));
            segments.add(new Segment(Kind.PROMPT, ":" + "p".repeat(1 + random.nextInt(6))));
            segments.add(new Segment(Kind.LABEL, random.nextBoolean() ? "yes" : "n"));
            if (i % 3 == 0) {
                segments.add(new Segment(Kind.PROMPT, "."));
            }
            rows.add(new SegmentedRow(Path.of("none"), i + 1, segments, i % 4 == 0 ? 0.25 : 1));
        }
        return rows;
    }

    private Path write(String name, List<SegmentedRow> rows) throws IOException {
        return TestFiles.write(
                folder, name, rows.stream().map(SegmentedDataTest::line).collect(Collectors.joining()));
    }

    private static DataConfig config(Path train, SegmentWeights weights) {
        return config(train, List.of(), 0.2, weights, "fail");
    }

    private static DataConfig config(
            Path train, List<String> validation, double fraction, SegmentWeights weights, String badRows) {
        return new DataConfig(
                List.of(train.toString()),
                validation,
                fraction,
                "t",
                null,
                badRows,
                null,
                null,
                null,
                "segments",
                weights);
    }

    private static SegmentedData open(DataConfig config, long seed) {
        return (SegmentedData) TrainingData.open(
                config, TOKENIZER, new DataRequest(LENGTH, seed, 4), (documents, bytes, tokens, fraction) -> {});
    }

    private static List<SegmentedRow> trained(List<SegmentedRow> rows) {
        return rows.stream()
                .filter(row -> !EncodedDocument.inValidation(row.textWithoutLabels(), 0.2))
                .toList();
    }

    @Test
    void anEpochHasEveryExampleOnceAndWhole() throws IOException {
        List<SegmentedRow> rows = rows(60);
        SegmentedData data = open(config(write("rows.jsonl", rows), WEIGHTS), 5);
        List<String> seen = new ArrayList<>();
        int filling = 0;
        for (int sample = 0; sample < data.windows(); sample++) {
            TokenBatch batch = data.batch(sample, 1);
            assertThat(batch.inputs()[0]).isEqualTo(TOKENIZER.endOfDocument());
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < LENGTH; i++) {
                if (i > 0) {
                    assertThat(batch.inputs()[i]).isEqualTo(batch.targets()[i - 1]);
                }
                if (batch.weights()[i] == 0) {
                    filling++;
                    assertThat(batch.targets()[i]).isEqualTo(TOKENIZER.endOfDocument());
                    assertThat(text).isEmpty();
                } else if (batch.targets()[i] == TOKENIZER.endOfDocument()) {
                    seen.add(text.toString());
                    text.setLength(0);
                } else {
                    text.append((char) (batch.targets()[i] - 1));
                }
            }
            assertThat(text).isEmpty();
        }
        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        trained(rows).stream().map(SegmentedRow::text).toList());
        assertThat(filling).isLessThan((int) data.windows() * LENGTH / 5);
    }

    /** The average over an epoch of a step's loss against the formula in the documentation, by a loop over the rows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void anEpochWeighsTheMeanOfEachKind(int microBatch) throws IOException {
        List<SegmentedRow> rows = rows(70);
        SegmentedData data = open(config(write("rows.jsonl", rows), WEIGHTS), 11);
        double loss = 0;
        long steps = data.windows() * microBatch; // an epoch for each sequence of the batch
        for (long step = 0; step < steps; step++) {
            TokenBatch batch = data.batch(step * microBatch, microBatch);
            double sum = 0;
            for (int i = 0; i < batch.targets().length; i++) {
                sum += batch.weights()[i] * loss(batch.inputs()[i], batch.targets()[i]);
            }
            loss += sum / batch.targets().length / steps;
        }
        double expected = 0;
        for (Kind kind : Kind.values()) {
            double sum = 0;
            double count = 0;
            for (SegmentedRow row : trained(rows)) {
                int before = TOKENIZER.endOfDocument();
                for (Segment segment : row.segments()) {
                    for (int id : TOKENIZER.encode(segment.text())) {
                        if (segment.kind() == kind) {
                            sum += row.weight() * loss(before, id);
                            count += row.weight();
                        }
                        before = id;
                    }
                }
                if (kind == Kind.PROMPT) { // the end: every row has a prompt after its context
                    sum += row.weight() * loss(before, TOKENIZER.endOfDocument());
                    count += row.weight();
                }
            }
            expected += WEIGHTS.of(kind) * sum / count;
        }
        assertThat(loss).isCloseTo(expected, within(1e-6 * expected));
    }

    private static double loss(long input, long target) {
        return 0.1 + (input * 31 + target * 17) % 23 / 7.0;
    }

    @Test
    void aKindThatDoesNotOccurAddsNothing() throws IOException {
        List<SegmentedRow> plain = new ArrayList<>();
        for (SegmentedRow row : rows(60)) {
            plain.add(new SegmentedRow(row.file(), row.line(), row.segments().subList(0, 1), 1));
        }
        SegmentedData data = open(config(write("rows.jsonl", plain), WEIGHTS), 1);
        TokenBatch batch = data.batch(0, (int) data.windows());
        double sum = 0;
        Set<Float> different = new HashSet<>();
        for (float weight : batch.weights()) {
            sum += weight;
            different.add(weight);
        }
        assertThat(different).hasSize(2).contains(0f); // the end counts as the context before it
        assertThat(sum / batch.weights().length).isCloseTo(WEIGHTS.context(), within(1e-6));
    }

    @Test
    void weightsThatLeaveNothingToLearnAreRefused() throws IOException {
        List<SegmentedRow> plain = rows(60).stream()
                .map(row ->
                        new SegmentedRow(row.file(), row.line(), row.segments().subList(0, 1), 1))
                .toList();
        DataConfig labelsOnly = config(write("rows.jsonl", plain), new SegmentWeights(0.0, 0.0, 1.0));
        assertThatThrownBy(() -> open(labelsOnly, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "data.weights 0.0, 0.0, 1.0 (context, prompt, label): no token of the examples counts");
    }

    @Test
    void batchesFollowFromSeedAndNumber() throws IOException {
        DataConfig config = config(write("rows.jsonl", rows(60)), WEIGHTS);
        SegmentedData first = open(config, 5);
        SegmentedData second = open(config, 5);
        second.resume(17, first.state(17));
        TokenBatch together = first.batch(17, 3);
        for (int i = 0; i < 3; i++) {
            TokenBatch alone = second.batch(17 + i, 1);
            assertThat(alone.inputs()).isEqualTo(Arrays.copyOfRange(together.inputs(), i * LENGTH, (i + 1) * LENGTH));
            assertThat(alone.targets()).isEqualTo(Arrays.copyOfRange(together.targets(), i * LENGTH, (i + 1) * LENGTH));
            assertThat(alone.weights()).isEqualTo(Arrays.copyOfRange(together.weights(), i * LENGTH, (i + 1) * LENGTH));
        }
        int epoch = (int) first.windows();
        assertThat(first.batch(0, epoch).inputs())
                .isNotEqualTo(first.batch(epoch, epoch).inputs());
        assertThat(first.batch(0, epoch).inputs())
                .isNotEqualTo(open(config, 6).batch(0, epoch).inputs());
    }

    @Test
    void theFingerprintIsThatOfContentTokenizerAndWeights() throws IOException {
        List<SegmentedRow> rows = rows(60);
        Path file = write("rows.jsonl", rows);
        byte[] plain = Files.readAllBytes(file);
        String fingerprint = open(config(file, WEIGHTS), 5).fingerprint();
        Path zipped = Files.write(folder.resolve("a.jsonl.gz"), TestFiles.gzip(plain));
        Path packed = Files.write(folder.resolve("b.jsonl.zst"), TestFiles.zstd(plain));
        assertThat(fingerprint)
                .startsWith("segments-")
                .isEqualTo(open(config(zipped, WEIGHTS), 5).fingerprint())
                .isEqualTo(open(config(packed, WEIGHTS), 5).fingerprint());
        List<SegmentedRow> changed = new ArrayList<>(rows);
        SegmentedRow first = trained(rows).get(0);
        changed.set(
                rows.indexOf(first),
                new SegmentedRow(first.file(), first.line(), first.segments(), first.weight() / 2));
        Path other = write("other.jsonl", changed);
        assertThat(open(config(other, WEIGHTS), 5).fingerprint()).isNotEqualTo(fingerprint);
        assertThat(open(config(file, SegmentWeights.defaults()), 5).fingerprint())
                .isNotEqualTo(fingerprint);
        DataRequest request = new DataRequest(LENGTH, 5, 4);
        try (TrainingData foreign = TrainingData.open(
                config(file, WEIGHTS), new CharTokenizer(1 << 15), request, (documents, bytes, tokens, share) -> {})) {
            assertThat(foreign.fingerprint()).isNotEqualTo(fingerprint);
        }
    }

    @Test
    void aTextIsHeldOutWithAllItsLabels() throws IOException {
        List<SegmentedRow> rows = new ArrayList<>();
        for (SegmentedRow row : rows(80)) {
            for (String label : List.of("A", "B")) {
                List<Segment> segments = new ArrayList<>(row.segments().subList(0, 2));
                segments.add(new Segment(Kind.LABEL, label));
                rows.add(new SegmentedRow(row.file(), row.line(), segments, 0.5));
            }
        }
        SegmentedData data = open(config(write("rows.jsonl", rows), WEIGHTS), 5);
        int[] ids = new int[(int) data.validation().tokens()];
        data.validation().read(0, ids);
        Set<String> held = Set.of(text(ids).split("\\|"));
        assertThat(held).hasSizeBetween(10, 60).allMatch(text -> text.endsWith("A") || text.endsWith("B"));
        for (String text : held) {
            String stem = text.substring(0, text.length() - 1);
            assertThat(held).contains(stem + "A", stem + "B");
        }
        TokenBatch epoch = data.batch(0, (int) data.windows());
        Set<String> trained = Set.of(
                text(Arrays.stream(epoch.targets()).mapToInt(id -> (int) id).toArray())
                        .split("\\|+"));
        assertThat(trained).doesNotContainAnyElementsOf(held).hasSizeGreaterThan(100);
        assertThat(data.validation().textBytes())
                .isEqualTo(held.stream()
                        .mapToLong(text -> text.getBytes(UTF_8).length)
                        .sum());
        assertThat(data.baselines(1 << 16)).isEmpty();
    }

    private static String text(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(id == 0 ? '|' : (char) (id - 1));
        }
        return text.toString();
    }

    @Test
    void validationFilesTakeNothingFromTraining() throws IOException {
        Path train = write("train.jsonl", rows(20));
        Path held = write("held.jsonl", rows(9));
        SegmentedData data = open(config(train, List.of(held.toString()), 0.2, WEIGHTS, "fail"), 5);
        int counted = 0;
        for (float weight : data.batch(0, (int) data.windows()).weights()) {
            counted += weight == 0 ? 0 : 1;
        }
        assertThat(counted)
                .isEqualTo(rows(20).stream()
                        .mapToInt(row -> row.text().length() + 1)
                        .sum());
    }

    @Test
    void tooFewExamplesForAValidationAreAMistakeOfTheFraction() throws IOException {
        DataConfig config = config(write("rows.jsonl", rows(3)), List.of(), 1e-9, WEIGHTS, "fail");
        assertThatThrownBy(() -> open(config, 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "data.validationFraction 1.0E-9 leaves the validation set without any of the 3 examples");
    }

    @Test
    void aLongExampleLosesTheMiddleOfItsLongestContext() throws BadRowException {
        List<Segment> segments = List.of(
                new Segment(Kind.CONTEXT, "short"),
                new Segment(Kind.PROMPT, "[and]"),
                new Segment(Kind.CONTEXT, "abcdefghijklmnopqrstuvwxyz"),
                new Segment(Kind.LABEL, "yes"));
        SegmentedRow row = new SegmentedRow(Path.of("rows.jsonl"), 3, segments, 1);
        SegmentedExample example = SegmentedExample.of(row, TOKENIZER, 30);
        assertThat(text(example.ids())).isEqualTo("short[and]abcdefghstuvwxyzyes|");
        assertThat(example.length()).isEqualTo(30);
        assertThat(example.cutTokens()).isEqualTo(10);
        assertThat(example.kind(28)).isEqualTo(Kind.LABEL);
        assertThat(example.kind(29)).isEqualTo(Kind.CONTEXT);
        assertThat(text(SegmentedExample.of(row, TOKENIZER, 12).ids())).isEqualTo("sht[and]yes|");
        assertThatThrownBy(() -> SegmentedExample.of(row, TOKENIZER, 8))
                .isInstanceOf(InputException.class)
                .hasMessage("rows.jsonl, line 3: without its context the example is 1 tokens too long for"
                        + " model.sequenceLength; shorten its prompt, or raise model.sequenceLength");
    }

    @Test
    void aBadRowIsNamedOrLeftOut() throws IOException {
        List<SegmentedRow> rows = rows(60);
        String text = rows.stream().map(SegmentedDataTest::line).collect(Collectors.joining());
        int second = text.indexOf('\n') + 1;
        Path file = TestFiles.write(
                folder, "bad.jsonl", text.substring(0, second) + "\n{\"segments\":[]}\n" + text.substring(second));
        assertThatThrownBy(() -> open(config(file, WEIGHTS), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(file + ", line 3: the list \"segments\" is empty");
        SegmentedData skipped = open(config(file, List.of(), 0.2, WEIGHTS, "skip"), 1);
        SegmentedData whole = open(config(write("good.jsonl", rows), WEIGHTS), 1);
        assertThat(skipped.fingerprint()).isEqualTo(whole.fingerprint());
    }

    @Test
    void whatIsNoSegmentsFileIsNamed() throws IOException {
        Path text = TestFiles.write(folder, "rows.txt", "text\n");
        assertThatThrownBy(() -> open(config(text, WEIGHTS), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rows.txt: data.format segments needs .jsonl");
        Path documents = TestFiles.write(folder, "rows.jsonl", "{\"text\": \"a\"}\n");
        assertThatThrownBy(() -> open(config(documents, WEIGHTS), 1))
                .hasMessageContaining("rows.jsonl, line 1: the JSON object has no field \"segments\"");
        Path broken =
                TestFiles.write(folder, "broken.jsonl", "{\"segments\":[" + segment(Kind.LABEL, "BROKEN") + "]}\n");
        assertThatThrownBy(() -> open(config(broken, WEIGHTS), 1))
                .hasMessageContaining(
                        "broken.jsonl, line 1: the tokenizer failed on this example (cannot encode this)");
    }

    @Test
    void segmentsKeepTheirTokensWhateverFollows() throws BadRowException {
        try (Tokenizer tokenizer = SentencePieceTokenizer.open(Path.of("../samples/zh.model"))) {
            SegmentedExample good = SegmentedExample.of(labelled("可以"), tokenizer, 64);
            SegmentedExample bad = SegmentedExample.of(labelled("没有"), tokenizer, 64);
            int[] frame = tokenizer.encode("今天");
            assertThat(Arrays.copyOf(good.ids(), frame.length)).isEqualTo(frame);
            assertThat(good.ids()).hasSameSizeAs(bad.ids());
            assertThat(tokenizer.decode(good.ids())).isEqualTo("今天可以。");
            assertThat(tokenizer.decode(bad.ids())).isEqualTo("今天没有。");
            int different = 0;
            for (int i = 0; i < good.length(); i++) {
                different += good.ids()[i] == bad.ids()[i] ? 0 : 1;
            }
            assertThat(different).isEqualTo(1);
        }
    }

    private static SegmentedRow labelled(String label) {
        return new SegmentedRow(
                Path.of("rows.jsonl"),
                1,
                List.of(new Segment(Kind.CONTEXT, "今天"), new Segment(Kind.LABEL, label), new Segment(Kind.PROMPT, "。")),
                1);
    }
}
