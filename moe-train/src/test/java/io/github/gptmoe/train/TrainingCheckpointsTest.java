package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingCheckpointsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "model.hidden=32, has shape",
        "model.layers=4, is not in the file",
        "train.optimizer.moments=int8, optimizer.safetensors"
    })
    void aCheckpointOfAnotherModelIsAMistakeOfTheCall(String set, String expected) {
        Path run = folder.resolve("run");
        TinyRun.train(TinyRun.config("train.steps=1"), run);
        Path checkpoint = run.resolve("checkpoints/step-00000001");
        assertThatExceptionOfType(InputException.class)
                .isThrownBy(() -> RanksTest.loadAndSave(
                        checkpoint, 1, TinyRun.config("train.steps=1", set), folder.resolve("into")))
                .withMessageContaining(checkpoint + " cannot be continued from")
                .withMessageContaining(expected)
                .satisfies(thrown -> assertThat(thrown.kind()).isEqualTo(InputException.Kind.CONFIGURATION));
    }

    @Test
    void aDiskThatFailsIsNoMistakeOfTheCall() {
        IOException cause = new IOException("Input/output error");
        InputException unusable = TrainingCheckpoints.unusable(Path.of("run/checkpoints/step-00000001"), cause);
        assertThat(unusable.kind()).isEqualTo(InputException.Kind.ENVIRONMENT);
        assertThat(unusable).hasCause(cause).hasMessageContaining("Input/output error; check the disk");
    }
}
