/**
 * The {@code moe} command: one class a command, options shared as mixins, no mathematics.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.cli.Main#commandLine} builds the whole command line and is used by
 * {@code main} and by tests alike. {@link io.github.gptmoe.cli.BaseCommand} is what every command extends.
 *
 * <p><b>Guarantees.</b> Exit codes are those of {@link io.github.gptmoe.cli.ExitCode}, given by
 * {@link io.github.gptmoe.cli.FailureHandler} alone. Mistakes of a user end in a message without a stack trace. With
 * {@code --json} standard output carries one JSON document and nothing else; logs and progress go to standard error.
 * {@code --help} loads neither the engine nor the logging: commands hold no static state and touch the engine in
 * {@code run} only.
 */
@NullMarked
package io.github.gptmoe.cli;

import org.jspecify.annotations.NullMarked;
