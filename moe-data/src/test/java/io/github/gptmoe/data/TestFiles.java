package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Small files and tokenizers for the tests. */
final class TestFiles {
    private TestFiles() {}

    static Path resource(String name) {
        try {
            return Path.of(TestFiles.class.getResource("/tokenizer/" + name).toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    static byte[] zstd(byte[] plain) {
        return Zstd.compress(plain);
    }

    static Path write(Path folder, String name, String text) throws IOException {
        return Files.write(folder.resolve(name), text.getBytes(UTF_8));
    }

    static DataConfig config(Path folder, String... train) {
        return config(folder, List.of(train), List.of(), 0.2);
    }

    static DataConfig config(Path folder, List<String> train, List<String> validation, double fraction) {
        List<String> trainPaths =
                train.stream().map(name -> folder.resolve(name).toString()).toList();
        List<String> validationPaths =
                validation.stream().map(name -> folder.resolve(name).toString()).toList();
        return new DataConfig(
                trainPaths,
                validationPaths,
                fraction,
                "unused",
                folder.resolve("cache").toString(),
                null);
    }

    /** Distinct texts of different lengths. */
    static String lines(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("document ")
                    .append(i)
                    .append(' ')
                    .append("xyz".repeat(i % 17))
                    .append('\n');
        }
        return text.toString();
    }

    static List<Document> readAll(Path file, BadRows policy) {
        List<Document> documents = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(List.of(file), policy)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                documents.add(next);
            }
        }
        return documents;
    }

    static List<String> texts(Path file) {
        return readAll(file, BadRows.FAIL).stream().map(Document::text).toList();
    }
}
