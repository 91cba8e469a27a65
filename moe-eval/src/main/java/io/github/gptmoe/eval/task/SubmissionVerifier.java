package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Checks an archive against what a leaderboard expects, before it is sent in. */
public final class SubmissionVerifier {
    private static final int MOST_OF_A_FILE = 5;
    private static final long LARGEST_FILE = 64L << 20;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final List<SubmissionFile> expected;

    /**
     * Makes a verifier.
     *
     * @param expected all files of a submission
     */
    public SubmissionVerifier(List<SubmissionFile> expected) {
        this.expected = List.copyOf(expected);
    }

    /**
     * Looks for problems.
     *
     * @param archive a zip file
     * @return sentences that name file and line; none if the archive is as expected
     * @throws InputException if the file cannot be read at all
     */
    public List<String> problems(Path archive) {
        List<String> problems = new ArrayList<>();
        try (ZipFile zip = new ZipFile(archive.toFile(), StandardCharsets.UTF_8)) {
            names(zip, problems);
            for (SubmissionFile file : expected) {
                ZipEntry entry = zip.getEntry(file.name());
                if (entry != null) {
                    List<String> ofFile = new ArrayList<>();
                    content(file, zip, entry, ofFile);
                    shorten(file, ofFile, problems);
                }
            }
        } catch (ZipException damaged) {
            problems.add(archive + " is no intact zip file: " + damaged.getMessage());
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, archive + " cannot be read: " + unreadable, unreadable);
        }
        return List.copyOf(problems);
    }

    /**
     * Insists that there are none.
     *
     * @param archive a zip file
     * @throws InputException with all problems
     */
    public void verify(Path archive) {
        List<String> problems = problems(archive);
        if (!problems.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    archive + " would be refused:\n  " + String.join("\n  ", problems)
                            + "\nwrite it again with moe zeroshot --task all --split test");
        }
    }

    private void names(ZipFile zip, List<String> problems) {
        Set<String> wanted = new HashSet<>();
        expected.forEach(file -> wanted.add(file.name()));
        Set<String> seen = new HashSet<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (!seen.add(entry.getName())) {
                problems.add(entry.getName() + " is there twice");
            } else if (!wanted.contains(entry.getName())) {
                problems.add(entry.getName() + " does not belong there; files lie at the top, without a folder");
            }
        }
        for (SubmissionFile file : expected) {
            if (!seen.contains(file.name())) {
                problems.add(file.name() + " is missing");
            }
        }
    }

    private static void shorten(SubmissionFile file, List<String> ofFile, List<String> problems) {
        problems.addAll(ofFile.subList(0, Math.min(MOST_OF_A_FILE, ofFile.size())));
        if (ofFile.size() > MOST_OF_A_FILE) {
            problems.add(file.name() + ": " + (ofFile.size() - MOST_OF_A_FILE) + " problems more");
        }
    }

    private static void content(SubmissionFile file, ZipFile zip, ZipEntry entry, List<String> problems)
            throws IOException {
        if (entry.getSize() > LARGEST_FILE) {
            problems.add(String.format(Locale.ROOT, "%s: %d bytes are too many", file.name(), entry.getSize()));
            return;
        }
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            problems.add(file.name() + " is not UTF-8");
            return;
        }
        String[] lines = text.isEmpty() ? new String[0] : text.split("\n", -1);
        int rows = lines.length > 0 && lines[lines.length - 1].isEmpty() ? lines.length - 1 : lines.length;
        if (rows != file.ids().size()) {
            problems.add(file.name() + " has " + rows + " lines; the test file has "
                    + file.ids().size() + " rows");
        }
        for (int row = 0; row < Math.min(rows, file.ids().size()); row++) {
            String problem = problem(file, row, lines[row]);
            if (!problem.isEmpty()) {
                problems.add(file.name() + ", line " + (row + 1) + ": " + problem);
            }
        }
    }

    private static String problem(SubmissionFile file, int row, String line) {
        JsonNode object;
        try {
            object = JSON.readTree(line);
        } catch (JsonProcessingException notJson) {
            return "not JSON (" + notJson.getOriginalMessage() + ")";
        }
        JsonNode id = object.path("id");
        JsonNode answer = object.path(file.key());
        if (!object.isObject() || object.size() != 2 || id.isMissingNode() || answer.isMissingNode()) {
            return "must be an object of id and " + file.key() + ", not " + line;
        }
        JsonNode wanted = file.ids().get(row);
        if (!same(id, wanted)) {
            return "id " + id + " must be " + wanted + ", as in the test file";
        }
        boolean ofType = file.wholeNumbers() ? answer.isIntegralNumber() : answer.isTextual();
        if (!ofType) {
            return file.key() + " " + answer + " must be " + (file.wholeNumbers() ? "a whole number" : "text");
        }
        return file.labels().contains(answer.asText()) ? "" : file.key() + " " + answer + " is no label of the task";
    }

    /** JSON numbers are the same whatever Java type they were read into; text and numbers never are. */
    private static boolean same(JsonNode a, JsonNode b) {
        return a.isTextual() == b.isTextual() && a.asText().equals(b.asText());
    }
}
