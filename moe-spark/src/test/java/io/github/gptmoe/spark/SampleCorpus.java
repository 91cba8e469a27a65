package io.github.gptmoe.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Text of every kind that is read, with faults for every rule and duplicates over files. */
final class SampleCorpus {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final SplittableRandom random;

    SampleCorpus(Path folder, long seed) {
        this.folder = folder;
        this.random = new SplittableRandom(seed);
    }

    Path folder() {
        return folder;
    }

    static String row(String text) {
        try {
            return JSON.writeValueAsString(Map.of("text", text)) + "\n";
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** A text of sentences that no other text has. */
    String draw(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i % 17 == 16 ? "，。！".charAt(random.nextInt(3)) : (char) ('一' + random.nextInt(900)));
        }
        return text.append('。').toString();
    }

    static String edited(String text, int every) {
        StringBuilder edited = new StringBuilder(text);
        for (int i = every / 2; i < text.length(); i += every) {
            edited.setCharAt(i, '龘');
        }
        return edited.toString();
    }

    static byte[] gzip(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        byte[] bytes = text.getBytes(UTF_8);
        if (name.endsWith(".gz")) {
            bytes = gzip(bytes);
        } else if (name.endsWith(".zst")) {
            bytes = Zstd.compress(bytes);
        }
        Files.write(file, bytes);
    }

    /** Files of all kinds; the big one has more than a MiB, so that it is cut. */
    SampleCorpus writeAll() throws IOException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            texts.add(draw(120 + random.nextInt(200)));
        }
        StringBuilder rows = new StringBuilder("\uFEFF");
        for (int i = 0; i < 40; i++) {
            rows.append(row(texts.get(i))).append(i % 9 == 0 ? "\r\n" : "");
        }
        rows.append(row("<p>" + texts.get(3) + "</p>&nbsp;电话13912345678，邮箱a@example.com"));
        rows.append(row("太短"));
        rows.append(row("   "));
        rows.append(row(edited(texts.get(5), 90)));
        rows.append(row(texts.get(6).replace('，', '；')));
        write("a/rows.jsonl", rows.toString());
        StringBuilder lines = new StringBuilder();
        for (int i = 30; i < 60; i++) {
            lines.append(i % 2 == 0 ? texts.get(i) : edited(texts.get(i), 80)).append('\n');
        }
        write("a/lines.txt", lines.toString());
        StringBuilder big = new StringBuilder();
        for (int i = 0; big.length() < 800_000; i++) {
            String text = draw(300 + random.nextInt(900));
            texts.add(text);
            big.append(row(text));
            if (i % 50 == 7) {
                big.append(row(edited(text, 100))).append('\n');
            }
        }
        write("b/big.jsonl", big.toString());
        StringBuilder packed = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            String text = i % 40 == 3 ? texts.get(70 + i) : draw(200 + random.nextInt(400));
            packed.append(row(i % 60 == 5 ? edited(texts.get(60 + i), 60) : text));
        }
        write("b/packed.jsonl.gz", packed.toString());
        write("c/frames.jsonl.zst", row(texts.get(1)) + row(draw(300)) + row(edited(texts.get(61), 110)));
        write("c/empty.jsonl", "");
        writeNotices("d/notices.jsonl", 12);
        return this;
    }

    /** Texts that are much alike. */
    void writeNotices(String name, int count) throws IOException {
        StringBuilder rows = new StringBuilder();
        String notice = draw(400);
        for (int i = 0; i < count; i++) {
            rows.append(row(notice + "第" + i + "号"));
        }
        write(name, rows.toString());
    }

    /** Checksums by name of the files of a folder that are no state. */
    static Map<String, String> hashes(Path out) throws IOException {
        Map<String, String> hashes = new LinkedHashMap<>();
        try (Stream<Path> walk = Files.walk(out)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                String name = out.relativize(file).toString().replace('\\', '/');
                if (!name.startsWith(".state/")) {
                    hashes.put(name, io.github.gptmoe.data.Hashes.sha256(Files.readAllBytes(file)));
                }
            }
        }
        return hashes;
    }
}
