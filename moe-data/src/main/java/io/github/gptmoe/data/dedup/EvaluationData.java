package io.github.gptmoe.data.dedup;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.JsonLinesReader;
import io.github.gptmoe.data.corpus.LongTable;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The texts of evaluation files, by their n-grams as 64-bit hashes. Immutable once read; for several threads, and for other machines.
 *
 * <p>An n-gram that more than {@value #COMMON} texts share is a phrase of the data set's form and says nothing of any of them; it is left
 * aside. Texts that have no n-gram left, or are too short to have one, cannot be found and are counted.
 */
public final class EvaluationData implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int COMMON = 100;
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private final List<Passage> passages = new ArrayList<>();

    /** n-gram to its last entry, plus 1. */
    private final LongTable heads = new LongTable(1 << 16);

    private int[] entryPassages = new int[1 << 12];
    private int[] entryNext = new int[1 << 12];
    private int entries;
    private final TreeSet<Integer> lengths = new TreeSet<>();
    private int[] grams = new int[0];
    private int unsearchable;

    /**
     * One text of evaluation data.
     *
     * @param file its file
     * @param line its line, from 1
     * @param field the field it stands in
     */
    public record Passage(String file, long line, String field) implements Serializable {}

    private EvaluationData() {}

    /**
     * Finds evaluation files.
     *
     * @param entries files, or folders with {@code .json} and {@code .jsonl} files, plain or with a further {@code .gz}
     * @return the files, those of a folder sorted
     * @throws InputException if an entry is missing or a folder holds none
     */
    public static List<Path> files(List<Path> entries) {
        List<Path> files = new ArrayList<>();
        for (Path entry : entries) {
            if (!Files.exists(entry)) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT, "--against: " + entry + " does not exist; correct the path");
            }
            if (!Files.isDirectory(entry)) {
                files.add(entry);
                continue;
            }
            try (Stream<Path> walk = Files.walk(entry)) {
                List<Path> found = walk.filter(Files::isRegularFile)
                        .filter(EvaluationData::isJson)
                        .sorted()
                        .toList();
                if (found.isEmpty()) {
                    throw new InputException(
                            InputException.Kind.ENVIRONMENT,
                            "--against: " + entry + " holds no .json or .jsonl files; correct the path");
                }
                files.addAll(found);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
        return List.copyOf(files);
    }

    private static boolean isJson(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        String bare = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        return bare.endsWith(".json") || bare.endsWith(".jsonl");
    }

    /**
     * Reads evaluation files.
     *
     * @param files JSON Lines
     * @param fields whose texts are read; empty for all fields that hold text or lists of it
     * @param config lengths of n-grams
     * @return the data
     * @throws InputException if a file cannot be read, or no row has a field of {@code fields}
     */
    public static EvaluationData read(List<Path> files, List<String> fields, DedupConfig config) {
        EvaluationData data = new EvaluationData();
        for (Path file : files) {
            try (JsonLinesReader rows = JsonLinesReader.open(file)) {
                for (JsonLinesReader.Row row = rows.next(); row != null; row = rows.next()) {
                    data.add(file, row, fields, config);
                }
            }
        }
        if (data.passages.isEmpty() && !files.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--against: the files hold no text"
                            + (fields.isEmpty() ? "" : " in the fields " + String.join(", ", fields))
                            + "; name other fields with --fields");
        }
        data.dropCommon();
        return data;
    }

    /**
     * Reads the texts alone.
     *
     * @param files JSON Lines
     * @param fields whose texts are read; empty for all fields that hold text or lists of it
     * @param shortest texts with fewer letters and digits are left out
     * @return the texts as they are written, in the order of the files
     * @throws InputException if a file cannot be read
     */
    public static List<String> texts(List<Path> files, List<String> fields, int shortest) {
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            try (JsonLinesReader rows = JsonLinesReader.open(file)) {
                for (JsonLinesReader.Row row = rows.next(); row != null; row = rows.next()) {
                    row.fields().properties().forEach(field -> {
                        if (fields.isEmpty() || fields.contains(field.getKey())) {
                            texts(field.getValue()).stream()
                                    .filter(text -> MatchText.of(text).length() >= shortest)
                                    .forEach(texts::add);
                        }
                    });
                }
            }
        }
        return texts;
    }

    private void add(Path file, JsonLinesReader.Row row, List<String> fields, DedupConfig config) {
        row.fields().properties().forEach(field -> {
            if (fields.isEmpty() || fields.contains(field.getKey())) {
                texts(field.getValue())
                        .forEach(text -> add(new Passage(name(file), row.line(), field.getKey()), text, config));
            }
        });
    }

    /** The file and its folder: files of several tasks often have the same names. */
    private static String name(Path file) {
        int names = file.getNameCount();
        return file.subpath(Math.max(0, names - 2), names).toString().replace('\\', '/');
    }

    private static List<String> texts(JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (value.isTextual()) {
            texts.add(value.textValue());
        } else if (value.isArray()) {
            value.forEach(entry -> texts.addAll(texts(entry)));
        }
        return texts;
    }

    private void add(Passage passage, String original, DedupConfig config) {
        MatchText text = MatchText.of(original);
        int length = Math.min(text.length(), config.ngram());
        int number = passages.size();
        passages.add(passage);
        if (length < config.shortest()) {
            return;
        }
        lengths.add(length);
        Rolling rolling = new Rolling(length);
        for (int i = 0; i < text.length(); i++) {
            rolling.add(text, i);
            if (rolling.isFull(i)) {
                add(rolling.hash(), number);
            }
        }
    }

    private void add(long gram, int passage) {
        int head = heads.get(gram);
        if (head != 0 && entryPassages[head - 1] == passage) {
            return; // The text has it twice.
        }
        if (entries == entryPassages.length) {
            entryPassages = Arrays.copyOf(entryPassages, 2 * entries);
            entryNext = Arrays.copyOf(entryNext, 2 * entries);
        }
        entryPassages[entries] = passage;
        entryNext[entries] = head;
        entries++;
        heads.put(gram, entries);
    }

    /** Counts the n-grams of each text that are not common. Entries of common ones are found by the length of their chains. */
    private void dropCommon() {
        grams = new int[passages.size()];
        boolean[] followed = new boolean[entries];
        for (int i = 0; i < entries; i++) {
            if (entryNext[i] != 0) {
                followed[entryNext[i] - 1] = true;
            }
        }
        for (int i = 0; i < entries; i++) {
            if (followed[i]) {
                continue; // Chains are walked from their heads.
            }
            if (chainLength(i + 1) > COMMON) {
                entryPassages[i] = -1;
                continue;
            }
            for (int entry = i + 1; entry != 0; entry = entryNext[entry - 1]) {
                grams[entryPassages[entry - 1]]++;
            }
        }
        unsearchable = (int) Arrays.stream(grams).filter(count -> count == 0).count();
    }

    private int chainLength(int head) {
        int length = 0;
        for (int entry = head; entry != 0 && length <= COMMON; entry = entryNext[entry - 1]) {
            length++;
        }
        return length;
    }

    /** Takes the texts that have an n-gram. */
    interface PassageSink {
        void accept(int passage);
    }

    /** Gives all texts that have an n-gram; none if it is common. */
    void passagesOf(long gram, PassageSink sink) {
        int head = heads.get(gram);
        if (head == 0 || entryPassages[head - 1] < 0) {
            return;
        }
        for (int entry = head; entry != 0; entry = entryNext[entry - 1]) {
            sink.accept(entryPassages[entry - 1]);
        }
    }

    boolean has(long gram) {
        int head = heads.get(gram);
        return head != 0 && entryPassages[head - 1] >= 0;
    }

    /** Lengths of n-grams: that of the settings, and those of shorter texts. */
    SortedSet<Integer> lengths() {
        return lengths;
    }

    /** How many different n-grams a text has. */
    int grams(int passage) {
        return grams[passage];
    }

    Passage passage(int number) {
        return passages.get(number);
    }

    /**
     * How many texts there are.
     *
     * @return a count
     */
    public int size() {
        return passages.size();
    }

    /**
     * How many texts cannot be found.
     *
     * @return those that are too short, or all of whose n-grams are common
     */
    public int unsearchable() {
        return unsearchable;
    }

    /** The hash of the last characters of a text, moved along it. */
    static final class Rolling {
        private final int length;
        private final long power;
        private long value;

        Rolling(int length) {
            this.length = length;
            long product = 1;
            for (int i = 1; i < length; i++) {
                product *= BASE;
            }
            this.power = product;
        }

        void add(MatchText text, int place) {
            if (place >= length) {
                value -= power * (text.at(place - length) + 1);
            }
            value = value * BASE + text.at(place) + 1;
        }

        boolean isFull(int place) {
            return place >= length - 1;
        }

        /** Grams of different lengths have different hashes. */
        long hash() {
            return Hashes.mix(value) + length;
        }
    }
}
