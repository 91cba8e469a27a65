package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Damaged files: each is either a run or a {@link ConfigException}, never anything else. */
class ConfigFuzzTest {

    private static final int MUTATIONS = 5_000;
    private static final List<String> SPLICES = List.of(
            ":",
            " ",
            "\n",
            "\t",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!!int ",
            "\"",
            "'",
            "|",
            ">",
            "#",
            "%",
            "@",
            "? ",
            "<<: ",
            "---\n",
            "...\n",
            "~",
            "null",
            "1e999",
            "-0",
            ".nan",
            "0x1",
            "9999999999",
            "\\u",
            "\u0000",
            "\u2028",
            "\uFEFF",
            "\uD800",
            "😀",
            "今",
            "  ",
            "type: top1",
            "model:",
            "=",
            ",");

    @Test
    void onlyConfigExceptionsEscape() {
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            // Nearly every edit of the long text breaks it; of the short one more are harmless.
            String yaml = mutate(seed % 2 == 0 ? Configs.EVERY_KEY : Configs.MINIMAL, new SplittableRandom(seed));
            try {
                Configs.parse(yaml);
            } catch (ConfigException expected) {
                refused++;
                assertThat(expected.problems())
                        .as("seed %d", seed)
                        .isNotEmpty()
                        .allMatch(line -> line.startsWith("run.yaml:"));
            } catch (RuntimeException | StackOverflowError defect) {
                fail("seed " + seed + " made\n" + yaml, defect);
            }
        }
        // Both outcomes must occur, or the mutations are too weak or too strong to mean anything.
        assertThat(refused).isBetween(MUTATIONS / 4, MUTATIONS * 995 / 1000);
    }

    @Test
    void onlyConfigExceptionsEscapeFromSetOptions() {
        for (int seed = 0; seed < MUTATIONS; seed++) {
            String set = mutate("model.router={type: top1, jitter: 0.1}", new SplittableRandom(seed));
            try {
                Configs.parse(Configs.MINIMAL, set);
            } catch (ConfigException expected) {
                assertThat(expected.problems()).as("seed %d", seed).isNotEmpty();
            } catch (RuntimeException | StackOverflowError defect) {
                fail("seed " + seed + " made\n" + set, defect);
            }
        }
    }

    private static String mutate(String text, SplittableRandom random) {
        StringBuilder mutated = new StringBuilder(text);
        int edits = 1 + random.nextInt(3);
        for (int i = 0; i < edits; i++) {
            int at = random.nextInt(mutated.length());
            int end = Math.min(mutated.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(5)) {
                case 0 -> mutated.delete(at, end);
                case 1 -> mutated.insert(at, SPLICES.get(random.nextInt(SPLICES.size())));
                case 2 -> mutated.replace(at, end, SPLICES.get(random.nextInt(SPLICES.size())));
                case 3 -> mutated.insert(at, mutated.substring(random.nextInt(end), end));
                default -> mutated.setCharAt(at, (char) random.nextInt(32, 0x250));
            }
            if (mutated.isEmpty()) {
                mutated.append(' ');
            }
        }
        return mutated.toString();
    }
}
