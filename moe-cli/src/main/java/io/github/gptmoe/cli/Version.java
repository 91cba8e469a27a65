package io.github.gptmoe.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version}. */
final class Version implements IVersionProvider {

    private static final String POM_PROPERTIES = "/META-INF/maven/io.github.gptmoe/moe-cli/pom.properties";

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"moe " + number() + " (Java " + Runtime.version() + ")"};
    }

    /** The version of the jar; classes that come from no jar have none. */
    private static String number() throws IOException {
        try (InputStream input = Version.class.getResourceAsStream(POM_PROPERTIES)) {
            if (input == null) {
                return "development";
            }
            Properties properties = new Properties();
            properties.load(input);
            return properties.getProperty("version");
        }
    }
}
