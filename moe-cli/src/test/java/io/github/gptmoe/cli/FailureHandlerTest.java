package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.TrainingDivergedException;
import ai.djl.engine.EngineException;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.FirstFailure;
import io.github.gptmoe.train.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class FailureHandlerTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new ConfigException("f", List.of("f:1:1: wrong")), 2, "f:1:1: wrong\n"),
                Arguments.of(new InputException(InputException.Kind.CONFIGURATION, "too few"), 2, "too few\n"),
                Arguments.of(new InputException(InputException.Kind.ENVIRONMENT, "no disk"), 3, "no disk\n"),
                Arguments.of(new NoSuchFileException("a.txt"), 3, "No such file or folder: a.txt\n"),
                Arguments.of(
                        new UncheckedIOException(new AccessDeniedException("a.txt")), 3, "No permission for a.txt\n"),
                Arguments.of(new IOException("disk full"), 3, "disk full\n"),
                Arguments.of(new DeviceException("no NCCL"), 3, "no NCCL\n"),
                Arguments.of(new FirstFailure().set("process 1 has gone", null), 3, "process 1 has gone\n"),
                Arguments.of(
                        new FirstFailure().set("rank 1 failed", new ConfigException("f", List.of("wrong"))),
                        2,
                        "rank 1 failed\n"),
                Arguments.of(
                        new EngineException("DefaultCPUAllocator: can't allocate memory: 9\nmore"),
                        3,
                        "Not enough memory for the tensors: stop something. DefaultCPUAllocator: can't allocate memory: 9\n"),
                Arguments.of(new TrainingDivergedException("10 steps"), 4, "10 steps\n"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void mistakesAndSurroundingsEndInAMessage(Exception failure, int status, String message) {
        StringWriter err = new StringWriter();
        assertThat(throwing(failure, err)).isEqualTo(status);
        assertThat(err).hasToString(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pretrain --config a | lower train.microBatch
            bench step --config a | lower train.microBatch
            generate --prompt a | lower --batch, or
            generate --prompt a --beam 3 | lower --batch or --beam
            bench generate --batch 2000000 | lower --batch, --prompt-tokens
            score --text a | a machine with more memory
            """)
    void theRemedyForTooLittleMemoryIsThatOfTheCommand(String call, String remedy) {
        CommandLine commandLine = Main.commandLine();
        StringWriter err = new StringWriter();
        commandLine.setErr(new PrintWriter(err, true)).setExecutionStrategy(parsed -> {
            CommandLine last =
                    parsed.asCommandLineList().get(parsed.asCommandLineList().size() - 1);
            return new FailureHandler()
                    .handleExecutionException(
                            new EngineException("DefaultCPUAllocator: can't allocate memory: 9"), last, parsed);
        });
        assertThat(commandLine.execute(call.split(" "))).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(err.toString())
                .startsWith("Not enough memory for the tensors: ")
                .contains(remedy);
    }

    @Test
    void defectsShowWhereTheyHappened() {
        StringWriter err = new StringWriter();
        assertThat(throwing(new IllegalStateException("impossible"), err)).isEqualTo(ExitCode.DEFECT);
        assertThat(err.toString()).contains("defect").contains("impossible").contains("\tat io.github.gptmoe.cli");
    }

    private static int throwing(Exception failure, StringWriter err) {
        @Command(name = "boom")
        class Boom extends BaseCommand {
            @Override
            int run() throws Exception {
                throw failure;
            }

            @Override
            String memoryRemedy() {
                return "stop something";
            }
        }
        return Main.commandLine()
                .addSubcommand(new CommandLine(new Boom()))
                .setExecutionExceptionHandler(new FailureHandler())
                .setErr(new PrintWriter(err, true))
                .execute("boom");
    }
}
