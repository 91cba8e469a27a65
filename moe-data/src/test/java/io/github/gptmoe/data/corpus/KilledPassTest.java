package io.github.gptmoe.data.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are killed outright, without a chance to close anything. */
class KilledPassTest {
    @TempDir
    Path folder;

    private void write() throws IOException {
        SplittableRandom random = new SplittableRandom(9);
        String earlier = "";
        for (String name : new String[] {"a.jsonl", "sub/b.jsonl.gz", "c.txt"}) {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 400; i++) {
                StringBuilder text = new StringBuilder("<b>第").append(i).append("篇</b>");
                for (int k = 0; k < 1500; k++) {
                    text.append(k % 17 == 16 ? '。' : (char) ('一' + random.nextInt(3000)));
                }
                String copy = i % 10 == 9 ? earlier.replace('丁', '丙') : text.toString();
                earlier = text.toString();
                rows.append(name.endsWith(".txt") ? copy : "{\"text\": \"" + copy + "\"}")
                        .append('\n');
            }
            rows.insert(0, name.endsWith(".txt") ? "" : "{broken\n");
            Path file = folder.resolve("in").resolve(name);
            Files.createDirectories(file.getParent());
            byte[] bytes = rows.toString().getBytes(UTF_8);
            if (name.endsWith(".gz")) {
                try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                    out.write(bytes);
                }
            } else {
                Files.write(file, bytes);
            }
        }
    }

    /** What a reader of the folder sees: no names that begin with a dot. */
    private static Map<String, String> visible(Path root) throws IOException {
        Map<String, String> contents = new HashMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (!name.startsWith(".") && !name.contains("/.")) {
                    contents.put(name, Files.readString(file, ISO_8859_1));
                }
            }
        }
        return contents;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cleaning text", "reading text", "reading candidates", "writing text"})
    void aKilledPassGoesOn(String phase) throws Exception {
        write();
        Path in = folder.resolve("in");
        Path whole = folder.resolve("whole");
        WaitingPass.run(in, whole, phase, (now, documents, fraction) -> {});
        Path killed = folder.resolve("killed");
        Path reached = folder.resolve("reached");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WaitingPass.class.getName(),
                        in.toString(),
                        killed.toString(),
                        phase,
                        reached.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.log").toFile())
                .start();
        while (child.isAlive() && !Files.exists(reached)) {
            Thread.sleep(5);
        }
        boolean waits = child.isAlive();
        child.destroyForcibly().waitFor();
        assertThat(waits).as(Files.readString(folder.resolve("child.log"))).isTrue();

        Map<String, String> expected = visible(whole);
        Map<String, String> left = visible(killed);
        assertThat(left.keySet()).doesNotContain("manifest.json");
        assertThat(expected).containsAllEntriesOf(left).hasSizeGreaterThan(left.size());
        if (phase.equals("cleaning text") || phase.equals("reading text")) {
            assertThat(folder.resolve("killed.bad")).doesNotExist();
        } else {
            // All rows were read, so it is there and whole.
            assertThat(folder.resolve("killed.bad")).hasSameBinaryContentAs(folder.resolve("whole.bad"));
        }
        WaitingPass.run(in, killed, phase, (now, documents, fraction) -> {});
        assertThat(visible(killed)).isEqualTo(expected);
        assertThat(folder.resolve("killed.bad")).hasSameBinaryContentAs(folder.resolve("whole.bad"));
        assertThat(Files.readAllLines(folder.resolve("whole.bad"))).hasSize(2);
    }
}
