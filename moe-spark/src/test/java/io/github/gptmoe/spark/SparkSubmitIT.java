package io.github.gptmoe.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.MixPacker;
import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackOptions;
import io.github.gptmoe.data.PackSource;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.clean.CleanRequest;
import io.github.gptmoe.data.clean.CleanRun;
import io.github.gptmoe.data.corpus.CorpusProgress;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.train.config.ConfigLoader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar, submitted as {@code bin/spark-submit} does: by {@code org.apache.spark.deploy.SparkSubmit} with the jars of a Spark
 * distribution alone on the class path. With {@code local-cluster} drivers and executors are processes of their own.
 */
class SparkSubmitIT {
    private static final CorpusProgress QUIET = (phase, documents, fraction) -> {};
    private static final Path MODEL = Path.of("../samples/zh.model").toAbsolutePath();

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path home;
    private static Path jar;
    private static SampleCorpus corpus;

    @BeforeAll
    static void begin() throws IOException {
        home = shared.resolve("spark");
        Files.createDirectories(home.resolve("jars"));
        for (String library :
                Files.readString(Path.of("target/spark.classpath")).strip().split(File.pathSeparator)) {
            Path path = Path.of(library);
            Files.createSymbolicLink(home.resolve("jars").resolve(path.getFileName()), path);
        }
        try (var files = Files.list(Path.of("target"))) {
            jar = files.filter(file -> file.getFileName().toString().endsWith("-all.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath();
        }
        corpus = new SampleCorpus(shared.resolve("in"), 1).writeAll();
    }

    private void submit(String master, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(List.of("-Xmx600m", "-cp", home.resolve("jars") + "/*", "org.apache.spark.deploy.SparkSubmit"));
        command.addAll(List.of("--master", master, "--conf", "spark.ui.enabled=false"));
        command.addAll(List.of("--conf", "spark.sql.shuffle.partitions=3", "--conf", "spark.executor.memory=600m"));
        command.addAll(List.of("--class", Main.class.getName(), jar.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path log = folder.resolve("log");
        ProcessBuilder child = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        child.environment().put("SPARK_HOME", home.toString());
        child.environment().put("SPARK_SCALA_VERSION", "2.13");
        child.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        child.environment().put("LC_ALL", "C.UTF-8");
        Process process = child.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log, UTF_8)).isZero();
    }

    private static List<InputFile> inputs() {
        return InputFile.of(
                CorpusFiles.ofOption("--input", List.of(corpus.folder().toString())));
    }

    @Test
    void theJarHasNothingThatSparkBrings() throws IOException {
        try (JarFile content = new JarFile(jar.toFile())) {
            List<String> classes = content.stream()
                    .map(java.util.zip.ZipEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .toList();
            assertThat(classes)
                    .contains(
                            "io/github/gptmoe/spark/Main.class",
                            "io/github/gptmoe/spark/shaded/jackson/databind/ObjectMapper.class")
                    .allMatch(name -> name.startsWith("io/github/gptmoe/")
                            || name.startsWith("picocli/")
                            || name.startsWith("org/jsoup/")
                            || name.startsWith("META-INF/versions/"));
        }
    }

    @Test
    void cleaningOnThreads() throws Exception {
        Path out = folder.resolve("spark");
        submit("local[2]", "clean", "--input", corpus.folder(), "--out", out, "--set", "simplified.enabled=true");
        Path embedded = folder.resolve("embedded");
        new CleanRun(
                        new CleanRequest(
                                inputs(),
                                embedded,
                                ConfigLoader.loadCleaning("standard", List.of("simplified.enabled=true")),
                                RowRules.of(BadRows.FAIL),
                                2),
                        QUIET)
                .run();
        assertThat(SampleCorpus.hashes(out)).hasSize(8).isEqualTo(SampleCorpus.hashes(embedded));
    }

    @Test
    void deduplicatingOnProcesses() throws Exception {
        Path out = folder.resolve("spark");
        Path test = corpus.folder().resolve("a/rows.jsonl");
        submit(
                "local-cluster[2,1,1024]",
                "dedup",
                "--input",
                corpus.folder(),
                "--out",
                out,
                "--against",
                test,
                "--block",
                1);
        Path embedded = folder.resolve("embedded");
        new DedupRun(
                        new DedupRequest(
                                inputs(),
                                embedded,
                                DedupConfig.defaults(),
                                List.of(test),
                                List.of(),
                                RowRules.of(BadRows.FAIL),
                                2),
                        QUIET)
                .run();
        assertThat(SampleCorpus.hashes(out)).hasSize(9).isEqualTo(SampleCorpus.hashes(embedded));
    }

    @Test
    void packingOnProcesses() throws Exception {
        Path out = folder.resolve("spark");
        submit("local-cluster[2,1,1024]", "pack", "--input", corpus.folder(), "--tokenizer", MODEL, "--out", out);
        List<PackSource> sources =
                List.of(new PackSource("text", List.of(corpus.folder().toString()), null, null));
        PackConfig config = new PackConfig(sources, null, null, null, MODEL.toString(), null, null, null, null, null);
        Path embedded = folder.resolve("embedded");
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(MODEL)) {
            MixPacker.pack(
                    config,
                    tokenizer,
                    embedded,
                    PackOptions.of(2, folder.resolve("quarantine")),
                    (documents, textBytes, tokens, fraction) -> {});
        }
        assertThat(SampleCorpus.hashes(out)).isEqualTo(SampleCorpus.hashes(embedded));
    }
}
