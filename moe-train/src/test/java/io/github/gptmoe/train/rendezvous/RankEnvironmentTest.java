package io.github.gptmoe.train.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankEnvironmentTest {
    @Test
    void withoutVariablesTheProcessIsAlone() {
        assertThat(RankEnvironment.of(Map.of("HOME", "/"))).isEqualTo(new RankEnvironment("", 0, 0, 1, 0, 0));
        assertThat(RankEnvironment.of(Map.of("RANK", "0", "WORLD_SIZE", "1")).alone())
                .isTrue();
    }

    @Test
    void torchrunsVariablesAreRead() {
        RankEnvironment read = RankEnvironment.of(Map.of(
                "MASTER_ADDR",
                "node-a",
                "MASTER_PORT",
                "29500",
                "RANK",
                "5",
                "WORLD_SIZE",
                "8",
                "LOCAL_RANK",
                "1",
                "LOCAL_WORLD_SIZE",
                "4",
                "GROUP_RANK",
                "1"));
        assertThat(read).isEqualTo(new RankEnvironment("node-a", 29500, 5, 8, 1, 1));
        assertThat(read.device(1, 2)).isEqualTo(3);
    }

    /** Seen with torchrun's static rendezvous: it listens at MASTER_PORT itself. */
    @Test
    void thePortAfterTorchrunsStoreIsTaken() {
        Map<String, String> variables = new HashMap<>(Map.of(
                "MASTER_ADDR",
                "a",
                "MASTER_PORT",
                "29500",
                "RANK",
                "0",
                "WORLD_SIZE",
                "2",
                "TORCHELASTIC_USE_AGENT_STORE",
                "True"));
        assertThat(RankEnvironment.of(variables).masterPort()).isEqualTo(29501);
        variables.put("TORCHELASTIC_USE_AGENT_STORE", "False");
        assertThat(RankEnvironment.of(variables).masterPort()).isEqualTo(29500);
        variables.putAll(Map.of("TORCHELASTIC_USE_AGENT_STORE", "True", "MASTER_PORT", "65535"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> RankEnvironment.of(variables))
                .withMessageContaining("MASTER_PORT=65535: must be a whole number from 1 to 65534");
    }

    @Test
    void slurmsVariablesCountOnlyWithoutTorchruns() {
        Map<String, String> slurm = Map.of(
                "MASTER_ADDR",
                "a",
                "MASTER_PORT",
                "1",
                "SLURM_PROCID",
                "3",
                "SLURM_NTASKS",
                "4",
                "SLURM_LOCALID",
                "1",
                "SLURM_NODEID",
                "2");
        assertThat(RankEnvironment.of(slurm)).isEqualTo(new RankEnvironment("a", 1, 3, 4, 1, 2));
        Map<String, String> both = new HashMap<>(slurm);
        both.putAll(Map.of("RANK", "0", "WORLD_SIZE", "2"));
        assertThat(RankEnvironment.of(both)).isEqualTo(new RankEnvironment("a", 1, 0, 2, 0, 0));
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> RankEnvironment.of(Map.of(
                        "RANK",
                        "2",
                        "WORLD_SIZE",
                        "2",
                        "MASTER_PORT",
                        "99999",
                        "LOCAL_RANK",
                        "x",
                        "LOCAL_WORLD_SIZE",
                        "1",
                        "NODE_RANK",
                        "1",
                        "GROUP_RANK",
                        "0")))
                .satisfies(wrong -> assertThat(wrong.problems())
                        .containsExactly(
                                "RANK=2: must be a whole number from 0 to 1",
                                "LOCAL_RANK=x: must be a whole number from 0 to 8192",
                                "NODE_RANK=1 and GROUP_RANK=0 are both the number of this node, and differ: leave one out",
                                "MASTER_ADDR is missing: WORLD_SIZE=2 processes need the host name of process 0 there",
                                "MASTER_PORT=99999: must be a whole number from 1 to 65535"))
                .withMessageStartingWith("the environment of this process has 5 problems");
    }

    @Test
    void halfOfTheVariablesIsAMistake() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> RankEnvironment.of(Map.of("RANK", "0", "WORLD_SIZE", "")))
                .withMessageContaining("WORLD_SIZE is missing, but RANK=0 is set");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> RankEnvironment.of(
                        Map.of("RANK", "0", "WORLD_SIZE", "1", "LOCAL_RANK", "2", "LOCAL_WORLD_SIZE", "2")))
                .withMessageContaining("LOCAL_RANK=2 does not fit LOCAL_WORLD_SIZE=2");
    }

    @Test
    void severalProcessesOnCpusAreToldOfDevices() {
        new RankEnvironment("", 0, 0, 1, 0, 0).requireAloneOnCpu();
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> new RankEnvironment("a", 1, 0, 2, 0, 0).requireAloneOnCpu())
                .withMessageContaining("--devices N")
                .satisfies(wrong -> assertThat(wrong.kind()).isEqualTo(InputException.Kind.CONFIGURATION));
    }

    @Test
    void whatWorksInOneProcessNamesItself() {
        new RankEnvironment("", 0, 0, 1, 0, 0).requireAlone("bench step");
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> new RankEnvironment("a", 1, 1, 2, 0, 0).requireAlone("bench step"))
                .withMessageContaining("asks for 2 processes, but bench step works in one")
                .satisfies(wrong -> assertThat(wrong.kind()).isEqualTo(InputException.Kind.CONFIGURATION));
    }
}
