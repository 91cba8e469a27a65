package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scripts for machines that are not here can still be read. */
class ScriptsTest {
    private static final Path SCRIPTS = Path.of("..", "scripts");

    static Stream<Path> shellScripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            List<Path> scripts = files.filter(file ->
                            file.toString().endsWith(".sh") || file.toString().endsWith(".sbatch"))
                    .toList();
            assertThat(scripts).hasSizeGreaterThan(3);
            return scripts.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("shellScripts")
    void bashUnderstandsThem(Path script) throws Exception {
        Process bash = new ProcessBuilder("bash", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        String complaint = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(complaint).isZero();
    }

    @Test
    void slurmGivesEachProcessItsPlace() throws IOException {
        assertThat(Files.readString(SCRIPTS.resolve("slurm.sbatch")))
                .contains("--ntasks-per-node=1", "export MASTER_ADDR MASTER_PORT")
                .contains("RANK=$SLURM_PROCID WORLD_SIZE=$SLURM_NTASKS LOCAL_RANK=$SLURM_LOCALID")
                .contains("./moe pretrain --config 16b.yaml --set train.zeroStage=2 --devices 8");
    }

    @Test
    void kubeflowStartsOneProcessAPod() throws IOException {
        JsonNode job = new YAMLMapper()
                .readTree(SCRIPTS.resolve("kubeflow-pytorchjob.yaml").toFile());
        assertThat(job.get("kind").asText()).isEqualTo("PyTorchJob");
        assertThat(job.get("spec").has("nprocPerNode")).isFalse();
        JsonNode replicas = job.get("spec").get("pytorchReplicaSpecs");
        assertThat(replicas.get("Master").get("replicas").asInt()).isEqualTo(1);
        assertThat(replicas.get("Worker")).isEqualTo(replicas.get("Master"));
        JsonNode container = replicas.get("Master")
                .get("template")
                .get("spec")
                .get("containers")
                .get(0);
        assertThat(container.get("name").asText()).isEqualTo("pytorch");
        List<String> command = new ArrayList<>();
        container.get("command").forEach(word -> command.add(word.asText()));
        container.get("args").forEach(word -> command.add(word.asText()));
        assertThat(String.join(" ", command))
                .startsWith("./moe pretrain --config 16b.yaml --set train.zeroStage=2 --devices 8");
        assertThat(container
                        .get("resources")
                        .get("limits")
                        .get("nvidia.com/gpu")
                        .asInt())
                .isEqualTo(8);
    }
}
