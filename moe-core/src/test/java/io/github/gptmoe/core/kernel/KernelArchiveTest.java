package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelArchiveTest {
    private static final List<String> ALL = KernelModule.SOURCES;

    @TempDir
    Path folder;

    @Test
    void theBytesDependOnTheSourcesOnly() throws IOException {
        byte[] here = KernelArchive.of(ALL);
        TimeZone zone = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            assertThat(KernelArchive.of(ALL)).isEqualTo(here);
            TimeZone.setDefault(TimeZone.getTimeZone("America/Adak"));
            assertThat(KernelArchive.of(ALL)).isEqualTo(here);
        } finally {
            TimeZone.setDefault(zone);
        }
        assertThat(KernelArchive.of(List.of("head.py"))).isNotEqualTo(here);
    }

    @Test
    void entriesAreStoredAndHoldEverySource() throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(KernelArchive.of(ALL)))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                entries.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(entries)
                .containsOnlyKeys(
                        "kernels/version", "kernels/data.pkl", "kernels/constants.pkl", "kernels/code/__torch__.py");
        assertThat(entries.get("kernels/code/__torch__.py"))
                .startsWith("class Kernels(Module):")
                .contains("def embed(", "def vjp(", "def head_backward(", "def adamw(", "def to_type(");
    }

    @Test
    void aMissingSourceIsNamed() {
        assertThatIOException()
                .isThrownBy(() -> KernelArchive.of(List.of("no-such.py")))
                .withMessageContaining("no-such.py");
    }

    static List<List<String>> archives() {
        return List.of(ALL, List.of("norm.py", "head.py", "autograd.py", "precision.py"));
    }

    /** Python's loader checks more of the container than libtorch's: the record names, the pickle, the zip directory. */
    @ParameterizedTest
    @MethodSource("archives")
    void pythonLoadsAndRunsTheArchive(List<String> sources) throws IOException, InterruptedException {
        Path archive = Files.write(folder.resolve("kernels.pt"), KernelArchive.of(sources));
        String program = """
                import sys
                try:
                    import torch
                except ImportError as error:
                    sys.exit('SKIP %s' % error)
                try:
                    kernels = torch.jit.load(sys.argv[1])
                except RuntimeError as error:
                    kind = 'SKIP' if 'Unknown builtin op' in str(error) else 'FAIL'
                    sys.exit('%s torch %s: %s' % (kind, torch.__version__, str(error).strip().splitlines()[0]))
                rounded = kernels.to_type(torch.tensor([1.00390625, 2.5]), torch.tensor(15))
                print('RESULT', rounded.tolist())
                """;
        // The system's Python too, because a version manager may hide the one that has torch.
        String output = python("python3", program, archive);
        if (output.contains("SKIP No module")) {
            output = python("/usr/bin/python3", program, archive);
        }
        if (output.contains("SKIP")) {
            String reason = "Python cannot judge " + sources + ": " + output.strip();
            System.out.println("skipped: " + reason);
            Assumptions.abort(reason);
        }
        assertThat(output).contains("RESULT [1.0, 2.5]");
    }

    private String python(String interpreter, String program, Path archive) throws IOException, InterruptedException {
        Path log = folder.resolve("python.log");
        Process process;
        try {
            process = new ProcessBuilder(interpreter, "-c", program, archive.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            return "SKIP " + e.getMessage();
        }
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                return "SKIP python3 took more than a minute";
            }
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(log);
    }
}
