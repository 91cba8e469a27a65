package io.github.gptmoe.cli;

import static io.github.gptmoe.cli.CommandLineCalls.moe;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.cli.CommandLineCalls.Call;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class MainTest {

    /** Every command and subcommand, as the words that reach it. */
    static Stream<List<String>> commands() {
        List<List<String>> commands = new ArrayList<>();
        collect(Main.commandLine(), List.of(), commands);
        return commands.stream();
    }

    private static void collect(CommandLine command, List<String> words, List<List<String>> commands) {
        commands.add(words);
        command.getSubcommands().forEach((name, inner) -> {
            List<String> longer = new ArrayList<>(words);
            longer.add(name);
            collect(inner, longer, commands);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItself(List<String> words) {
        List<String> call = new ArrayList<>(words);
        call.add("--help");
        Call help = moe(call.toArray(String[]::new));
        assertThat(help.status()).isEqualTo(ExitCode.DONE);
        assertThat(help.out()).contains("Usage: moe").contains(words.isEmpty() ? "moe" : words.get(words.size() - 1));
        assertThat(help.err()).isEmpty();
    }

    @Test
    void version() {
        assertThat(moe("--version").out()).startsWith("moe ").contains("Java " + Runtime.version());
    }

    @Test
    void completionScript() {
        Call completion = moe("generate-completion");
        assertThat(completion.status()).isEqualTo(ExitCode.DONE);
        assertThat(completion.out()).contains("complete -F").contains("plan").contains("--config");
    }

    @Test
    void mistypedCommandsAndOptionsAreSuggested() {
        Call command = moe("plam");
        assertThat(command.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(command.err()).contains("plam").contains("plan").doesNotContain("at io.github");
        Call option = moe("plan", "--confg", "16b");
        assertThat(option.status()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(option.err()).contains("--config").contains("See: moe plan --help");
    }

    @Test
    void noCommandIsAMistake() {
        assertThat(moe()).isEqualTo(new Call(2, "", "Which command?\nSee: moe --help\n"));
        assertThat(moe("bench").status()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void resultsThatCannotBeWrittenAreAFailure() {
        Writer full = new Writer() {
            @Override
            public void write(char[] characters, int offset, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        for (String[] call : List.of(new String[] {"--help"}, new String[] {"plan", "--config", "quickstart"})) {
            StringWriter err = new StringWriter();
            int status = Main.commandLine()
                    .setOut(new PrintWriter(full, true))
                    .setErr(new PrintWriter(err, true))
                    .execute(call);
            assertThat(status).isEqualTo(ExitCode.ENVIRONMENT);
            assertThat(err.toString()).contains("Standard output could not be written");
        }
    }
}
