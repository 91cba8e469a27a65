package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documents say must be there. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void theWayOfABatchIsThereAndShort() throws IOException {
        List<Path> files = matches("docs/architecture.md", "\\| \\d+ \\| (\\S+\\.java) \\|").stream()
                .map(ROOT::resolve)
                .toList();
        assertThat(files)
                .hasSizeBetween(10, 15)
                .allSatisfy(file -> assertThat(file).isRegularFile());
        long lines = 0;
        for (Path file : files) {
            lines += Files.readAllLines(file).size();
        }
        assertThat(lines).as("lines from disk to loss").isLessThan(2200);
    }

    @Test
    void linksLeadToFiles() throws IOException {
        for (String document : List.of(
                "README.md",
                "docs/architecture.md",
                "docs/data-cleaning.md",
                "docs/numerics.md",
                "docs/scaling.md",
                "docs/spark.md",
                "docs/tasks.md",
                "docs/tokenizer.md",
                "docs/english-tasks.md",
                "docs/LOG.md")) {
            Path folder = ROOT.resolve(document).getParent();
            for (String link : matches(document, "\\]\\(([^)#:]+)\\)")) {
                assertThat(folder.resolve(link))
                        .as(document + " links to " + link)
                        .exists();
            }
        }
    }

    @Test
    void theReadmeNamesEveryShippedConfiguration() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        try (var configs = Files.list(ROOT.resolve("configs"))) {
            assertThat(configs.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(readme).contains(name));
        }
    }

    private static List<String> matches(String document, String regex) throws IOException {
        return Pattern.compile(regex)
                .matcher(Files.readString(ROOT.resolve(document)))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
