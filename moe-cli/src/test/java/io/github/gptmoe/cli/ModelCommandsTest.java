package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments that are refused before a model is read. */
class ModelCommandsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate --tokens 0",
                "generate --tokens many",
                "generate --top-k 0",
                "generate --top-p 1.5",
                "generate --temperature -1",
                "generate --beam 0",
                "generate --beam 2000000000",
                "inspect one --checkpoint two",
                "inspect one two",
                "generate --precision fp8",
                "generate --batch 0",
                "generate --prompt a --prompts b",
                "bench generate --config bench-small --checkpoint one",
                "bench generate --set train.steps=1",
                "bench generate --config bench-small --batch 1,0",
                "bench generate --config bench-small --tokens 0",
                "bench generate --config bench-small --prompt-tokens 500 --tokens 13",
                "score",
                "zeroshot",
                "continue-pretrain",
                "zeroshot --task lambada,eprstmt",
                "zeroshot --task english,all",
                "zeroshot --task lambada --rule perplexity",
                "zeroshot --task lambada --split test",
                "zeroshot --task piqa --few-shot 2",
                "continue-pretrain --task boolq",
                "export",
                "export harness",
                "export harness --out harness --task weather",
                "bench step --config bench-small --steps 0",
                "bench scaling --config bench-small --over model.layers",
                "bench scaling --config bench-small --values 1,2",
                "bench scaling --config bench-small --over model.layers --values 2,x",
                "bench scaling --config bench-small --over model.layers --values 2,2",
                "bench scaling --config bench-small --over model.layers --values 1e999999999",
                "bench scaling --config bench-small --over train.globalBatch --values 1e400000000",
                "bench scaling --config bench-small --over train.optimizer.learningRate --values 1e-2147483647",
                "bench scaling --config bench-small --over model.layer --values 1e999999999",
                "bench scaling --config bench-small --over model.layer --values 2,4",
                "bench scaling --config bench-small --over train.precision --values 2,4",
                "bench scaling --config bench-small --over model.hidden --values 500",
                "bench scaling --config bench-small --over model.sequenceLength --values 768",
                "bench scaling --config bench-small --over model.layers --values 2 --rounds 0",
                "bench scaling --config bench-small --over model.layers --values 2 --steps 0",
                "bench scaling --config bench-small --over model.layers --values 2 --plot .",
                "pretrain",
                "pretrain --config quickstart --devices 2",
                "pretrain --config quickstart --devices 0",
                "pretrain --config quickstart --set train.steps=x",
            })
    void mistakesInArguments(String call) {
        Call refused = moe(call.split(" "));
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).isNotBlank().doesNotContain("\tat ");
        assertThat(refused.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"generate --prompt x", "score --text x"})
    void folderThatIsNoRun(String call, @TempDir Path folder) {
        Call refused = moe((call + " --checkpoint " + folder).split(" "));
        assertThat(refused.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(refused.err())
                .contains(folder.toString())
                .contains("moe pretrain")
                .doesNotContain("\tat ");
    }

    @Test
    void englishTasksAndOthersTakeTwoCalls() {
        Call refused = moe("zeroshot", "--task", "eprstmt,webqs");
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains("--task webqs is an English task").contains("two calls");
    }

    @Test
    void exportedTasksAreListed(@TempDir Path folder) throws IOException {
        Path rows = Files.createDirectories(folder.resolve("bustm")).resolve("test_public.json");
        Files.writeString(rows, "{}");
        Path out = folder.resolve("harness");
        Call done = moe(("export harness --task bustm --data " + folder + " --out " + out).split(" "));
        assertThat(done.status()).isEqualTo(ExitCode.DONE);
        assertThat(done.out().lines())
                .containsExactly(
                        out.resolve("zeroclue_bustm.yaml").toString(),
                        out.resolve("zeroclue.yaml").toString());
        Call missing = moe(("export harness --data " + folder + " --out " + out).split(" "));
        assertThat(missing.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(missing.err()).contains("task eprstmt: no file");
    }

    @Test
    void inspectedFolderThatIsNoCheckpoint(@TempDir Path folder) {
        Call refused = moe("inspect", "--checkpoint", folder.toString());
        assertThat(refused.status()).isNotEqualTo(ExitCode.DONE);
        assertThat(refused.err()).contains(folder.toString()).doesNotContain("\tat ");
    }

    @Test
    void aPlotThatCouldNotBeWrittenIsRefusedBeforeMeasuring(@TempDir Path folder) {
        String plot = folder.resolve("missing/scaling.svg").toString();
        Call refused =
                moe(("bench scaling --config bench-small --over model.layers --values 2 --plot " + plot).split(" "));
        assertThat(refused.status()).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(refused.err()).contains(plot).doesNotContain("round 1");
    }

    @Test
    void everyValueThatCannotBeMeasuredIsNamedAtOnce() {
        Call refused =
                moe("bench", "scaling", "--config", "bench-small", "--over", "model.hidden", "--values", "100,64,9");
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err())
                .contains("model.hidden=100: ", "model.hidden=9: ")
                .doesNotContain("model.hidden=64");
    }
}
