package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Texts to train on. */
final class Sentences {
    private Sentences() {}

    /** The bundled sample, a document each. */
    static List<String> sample() throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(Path.of("..", "samples", "zh"))) {
            files = listed.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        }
        List<String> sentences = new ArrayList<>();
        try (DocumentReader reader = DocumentReader.open(files, BadRows.FAIL)) {
            for (Document next = reader.next(); next != null; next = reader.next()) {
                sentences.add(next.text());
            }
        }
        return sentences;
    }

    /** Short sentences of mixed script with numbers, spaces, runs of one character and things that normalisation changes. */
    static List<String> mixed() {
        List<String> parts = List.of(
                "道德",
                "道理",
                "道歉",
                "知道",
                "哈哈哈哈",
                "。。。",
                "——",
                "the ",
                "then ",
                "F1 ",
                "2021 ",
                "１２ ",
                "ｆｕｌｌ",
                "カタカナ",
                "ラーメン",
                "e\u0301te\u0301 ",
                "\u00A0\u3000",
                "  ",
                "</s>",
                "<0x41>",
                "㍿",
                "𠮷",
                "aaaa",
                "ab",
                "ba",
                "\uFF5E",
                "\t",
                "한글",
                "\u1112\u1161\u11AB");
        Random random = new Random(5);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            StringBuilder sentence = new StringBuilder("x");
            int length = 1 + random.nextInt(9);
            for (int part = 0; part < length; part++) {
                sentence.append(parts.get(random.nextInt(parts.size())));
            }
            sentences.add(sentence.append(i % 7 == 0 ? "" : "道理").toString());
        }
        return sentences;
    }

    /** Short sentences of two letters, where ties, overlaps and several ways to one text abound. */
    static List<String> ofTwoLetters(long seed) {
        Random random = new Random(seed);
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            StringBuilder sentence = new StringBuilder();
            int length = 1 + random.nextInt(14);
            for (int letter = 0; letter < length; letter++) {
                sentence.append(random.nextInt(4) == 0 ? ' ' : random.nextBoolean() ? 'a' : 'b');
            }
            sentences.add("a" + sentence);
        }
        return sentences;
    }

    static Path write(Path folder, List<String> sentences) throws IOException {
        return Files.write(folder.resolve("sentences.txt"), sentences, UTF_8);
    }
}
