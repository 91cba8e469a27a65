package io.github.gptmoe.data.plant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.JsonText;
import io.github.gptmoe.data.corpus.OutputFile;
import io.github.gptmoe.data.corpus.OutputFolder;
import io.github.gptmoe.data.dedup.MatchText;
import io.github.gptmoe.data.dedup.Shingles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes a copy of a corpus with known faults, {@code corpus/}, and their list, {@code faults.jsonl}. Of Chinese documents of some
 * length the given share gets each kind of fault. Copies stand at the end of their file or, every second one, in a file of their own that
 * comes last, so that duplicates lie within files and across them.
 */
public final class FaultPlanter {
    /** The list of faults. */
    public static final String FAULTS = "faults.jsonl";

    /** The folder of the planted corpus. */
    public static final String CORPUS = "corpus";

    /** The file of copies, whose name comes after those of other files. */
    static final String COPIES = "~copies.jsonl";

    private static final List<FaultKind> KINDS = List.of(FaultKind.values());
    private static final int LEAST_CHARACTERS = 60;
    private static final int SHINGLE = 5;

    private final PlantRequest request;
    private final ObjectMapper json = JsonMapper.builder().build();
    private final ByteArrayOutputStream faults = new ByteArrayOutputStream();
    private final Rows copies = new Rows(COPIES);
    private long planted;

    /** Rows of one file, and the number of its next line. */
    private static final class Rows {
        private final String file;
        private final JsonText text = new JsonText();
        private long line = 1;

        Rows(String file) {
            this.file = file;
        }

        void add(String document) {
            text.add(document);
            line++;
        }
    }

    /** A copy that waits for the end of its file. */
    private record Copy(FaultKind kind, String text, double similarity) {}

    /**
     * Prepares.
     *
     * @param request what to plant
     */
    public FaultPlanter(PlantRequest request) {
        this.request = request;
    }

    /**
     * Writes the copy.
     *
     * @return how many faults were planted
     * @throws InputException if inputs or the disk do not allow it
     */
    public long plant() {
        Path corpus = request.out().resolve(CORPUS);
        for (InputFile input : request.inputs()) {
            if (Files.exists(corpus) && OutputFolder.isWithin(input.path(), corpus)) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        input.path() + ": lies in " + corpus
                                + ", which the copy would replace; name another with --out");
            }
        }
        try {
            for (InputFile input : request.inputs()) {
                Rows rows = rows(input);
                write(corpus.resolve(input.outputName()), rows);
            }
            write(corpus.resolve(COPIES), copies);
            OutputFile.replace(request.out().resolve(FAULTS), faults.toByteArray());
            return planted;
        } catch (IOException failed) {
            throw OutputFolder.unwritable(request.out(), failed);
        }
    }

    private static void write(Path target, Rows rows) throws IOException {
        try (OutputFile file = OutputFile.create(target)) {
            file.append(rows.text.bytes());
            file.finish();
        }
    }

    private Rows rows(InputFile input) {
        Rows rows = new Rows(input.outputName());
        List<Copy> waiting = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(input.path()), BadRows.FAIL)) {
            for (Document document = reader.next(); document != null; document = reader.next()) {
                plant(input, document, rows, waiting);
            }
        }
        for (Copy copy : waiting) {
            note(rows, copy.kind(), copy.similarity(), "");
            rows.add(copy.text());
        }
        return rows;
    }

    private void plant(InputFile input, Document document, Rows rows, List<Copy> waiting) {
        SplittableRandom random = new SplittableRandom(
                Hashes.mix(request.seed() ^ (Hashes.mix(input.name().hashCode()) + document.line())));
        FaultKind kind = choose(random, document.text());
        if (kind == null) {
            rows.add(document.text());
            return;
        }
        String evaluation = request.evaluation().isEmpty()
                ? ""
                : request.evaluation().get(random.nextInt(request.evaluation().size()));
        String faulty = new FaultText(random).with(kind, document.text(), evaluation);
        if (kind != FaultKind.EXACT && kind != FaultKind.NEAR) {
            note(rows, kind, 0, document.text());
            rows.add(faulty);
            return;
        }
        rows.add(document.text());
        double similarity = Shingles.jaccard(
                Shingles.distinct(MatchText.of(document.text()), SHINGLE),
                Shingles.distinct(MatchText.of(faulty), SHINGLE));
        if (random.nextBoolean()) {
            waiting.add(new Copy(kind, faulty, similarity));
        } else {
            note(copies, kind, similarity, "");
            copies.add(faulty);
        }
    }

    private @Nullable FaultKind choose(SplittableRandom random, String text) {
        long han = text.codePoints()
                .filter(point -> Character.UnicodeScript.of(point) == Character.UnicodeScript.HAN)
                .count();
        int number = (int) (random.nextDouble() / request.share());
        if (han < LEAST_CHARACTERS || number >= KINDS.size()) {
            return null;
        }
        FaultKind kind = KINDS.get(number);
        return kind == FaultKind.EVALUATION && request.evaluation().isEmpty() ? null : kind;
    }

    private void note(Rows rows, FaultKind kind, double similarity, String original) {
        try {
            faults.writeBytes(json.writeValueAsBytes(new Fault(rows.file, rows.line, kind, similarity, original)));
            faults.write('\n');
            planted++;
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("records of numbers and texts are always JSON", impossible);
        }
    }
}
