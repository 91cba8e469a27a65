package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {

    @ParameterizedTest
    @ValueSource(strings = {"--temperature 1", "--top-k 5", "--top-p 0.9"})
    void settingsThatABeamWouldIgnoreAreRefused(String drawing) {
        Call refused = moe(("generate --beam 2 " + drawing).split(" "));
        assertThat(refused.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(refused.err()).contains("--beam").contains(drawing.split(" ")[0]);
        assertThat(refused.out()).isEmpty();
    }
}
