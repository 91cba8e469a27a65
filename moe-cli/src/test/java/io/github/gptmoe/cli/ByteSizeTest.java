package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "33GiB, 35433480192",
        "1.5 GB, 1500000000",
        "500mb, 500000000",
        "7, 7",
        "8B, 8",
        "2KiB, 2048",
        "0.5MiB, 524288",
        "1TiB, 1099511627776",
    })
    void sizesAsPeopleWriteThem(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GiB", "0", "-1GiB", "1GiBs", "1 G", "0.1B", "99999999999TiB", "1,5GB", "1e9"})
    void anythingElseIsRefused(String text) {
        assertThatExceptionOfType(TypeConversionException.class)
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageContaining("'" + text + "'")
                .withMessageContaining("33GiB");
    }
}
