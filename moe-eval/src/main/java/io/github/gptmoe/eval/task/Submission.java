package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptmoe.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The files that a leaderboard takes, an object a row, and the archive of them. The same answers give the same bytes: entries
 * are sorted, their times fixed, and nothing is compressed, since compressed bytes differ from one zlib to another.
 */
public final class Submission {
    // Midnight of 1980-01-01, the oldest time of a zip, stands for older ones, which Java adds in a field that depends
    // on the zone.
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final TreeMap<String, byte[]> files = new TreeMap<>();

    /** Begins without any file. */
    public Submission() {}

    /**
     * Adds a file.
     *
     * @param file what is expected
     * @param answers index of a label for each row, in the order of {@link SubmissionFile#ids}
     * @return this
     * @throws IllegalArgumentException if there is not an answer for each row, one is no label, or the file is there already
     */
    public Submission add(SubmissionFile file, int[] answers) {
        if (answers.length != file.ids().size()) {
            throw new IllegalArgumentException(file.name() + ": " + answers.length + " answers for "
                    + file.ids().size() + " rows");
        }
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < answers.length; row++) {
            int answer = answers[row];
            if (answer < 0 || answer >= file.labels().size()) {
                throw new IllegalArgumentException(file.name() + ", line " + (row + 1) + ": answer " + answer
                        + " is none of " + file.labels().size() + " labels");
            }
            text.append(line(file, row, file.labels().get(answer))).append('\n');
        }
        return add(file.name(), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds a file that another submission has written.
     *
     * @param name of the file
     * @param content taken over
     * @return this
     * @throws IllegalArgumentException if the file is there already
     */
    public Submission add(String name, byte[] content) {
        if (files.putIfAbsent(name, content) != null) {
            throw new IllegalArgumentException(name + " is there twice");
        }
        return this;
    }

    private static ObjectNode line(SubmissionFile file, int row, String label) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.set("id", file.ids().get(row));
        return file.wholeNumbers() ? line.put(file.key(), Integer.parseInt(label)) : line.put(file.key(), label);
    }

    /**
     * Writes each file into a folder, and all of them into an archive.
     *
     * @param folder made if missing
     * @param archive name of the archive in it
     * @return what was written, the archive last
     * @throws InputException if that is not possible
     */
    public List<Path> write(Path folder, String archive) {
        List<Path> written = new ArrayList<>();
        files.forEach((name, bytes) -> {
            TaskOutput.replace(folder.resolve(name), bytes);
            written.add(folder.resolve(name));
        });
        TaskOutput.replace(folder.resolve(archive), archive());
        written.add(folder.resolve(archive));
        return List.copyOf(written);
    }

    /** The archive's bytes. */
    byte[] archive() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(stored(file.getKey(), file.getValue()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static ZipEntry stored(String name, byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        entry.setTimeLocal(TIME); // setTime would depend on the time zone
        return entry;
    }
}
