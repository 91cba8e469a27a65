package io.github.gptmoe.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A size as people write it: {@code 33GiB}, {@code 1.5 GB}, {@code 500MB} or a number of bytes.
 *
 * @param bytes at least 1
 */
record ByteSize(long bytes) {
    private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)\\s*([a-zA-Z]*)");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("b", 1L),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("kib", 1L << 10),
            Map.entry("mib", 1L << 20),
            Map.entry("gib", 1L << 30),
            Map.entry("tib", 1L << 40));

    private static final double GIB = 1L << 30;

    /** For a person. */
    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%,.3f GiB", bytes / GIB);
    }

    /** For a person, where little must not look like nothing. */
    static String text(long bytes) {
        return bytes < 1L << 20 ? String.format(Locale.ROOT, "%,d bytes", bytes) : gib(bytes);
    }

    /** For options. */
    static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            return parse(text);
        }
    }

    /** Reads a size. */
    static ByteSize parse(String text) {
        Matcher written = WRITTEN.matcher(text.strip());
        Long unit = written.matches() ? UNITS.get(written.group(2).toLowerCase(Locale.ROOT)) : null;
        BigDecimal bytes =
                unit == null ? BigDecimal.ZERO : new BigDecimal(written.group(1)).multiply(new BigDecimal(unit));
        if (bytes.compareTo(BigDecimal.ONE) < 0 || bytes.compareTo(new BigDecimal(Long.MAX_VALUE)) > 0) {
            throw new TypeConversionException(
                    "'" + text + "' is not a size; write for example 33GiB, 500MB or a number of bytes");
        }
        return new ByteSize(bytes.longValue());
    }
}
