package io.github.gptmoe.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory on the command line: {@code 80GiB}, {@code 1.5TB}, or a number of bytes.
 *
 * @param bytes at least 0
 */
record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
    private static final double GIB = 1L << 30;

    private static final Map<String, Long> UNITS = Map.of(
            "", 1L,
            "B", 1L,
            "KB", 1_000L,
            "MB", 1_000_000L,
            "GB", 1_000_000_000L,
            "TB", 1_000_000_000_000L,
            "KIB", 1L << 10,
            "MIB", 1L << 20,
            "GIB", 1L << 30,
            "TIB", 1L << 40);

    /** For a person. */
    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%,.3f GiB", bytes / GIB);
    }

    /** Reads one. */
    static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            Matcher form = FORM.matcher(text.strip());
            Long unit = form.matches() ? UNITS.get(form.group(2).toUpperCase(Locale.ROOT)) : null;
            if (unit == null) {
                throw mistake(text);
            }
            try {
                return new ByteSize(new BigDecimal(form.group(1))
                        .multiply(BigDecimal.valueOf(unit))
                        .setScale(0, RoundingMode.DOWN)
                        .longValueExact());
            } catch (ArithmeticException tooLarge) {
                throw mistake(text);
            }
        }

        private static TypeConversionException mistake(String text) {
            return new TypeConversionException(
                    "'" + text + "' is no amount of memory; give a number with B, KB, MB, GB, TB, KiB, MiB, GiB or TiB,"
                            + " such as 80GiB");
        }
    }
}
