package io.github.gptmoe.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** {@code -v}: how much is told on standard error. */
final class LoggingOptions {

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell more on standard error; twice: libraries too.")
    private boolean[] verbosity = {};

    /** Sets the levels; without {@code -v} those of logback.xml stay. */
    void apply() {
        if (verbosity.length > 0) {
            logger("io.github.gptmoe").setLevel(Level.DEBUG);
        }
        if (verbosity.length > 1) {
            logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.DEBUG);
        }
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
