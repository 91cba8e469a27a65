package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file breaks a rule of the safetensors format, or a tensor cannot be stored in it.
 *
 * <p>It is an {@link IOException} because a damaged file is met where files are read; a disk that fails gives a plain
 * {@code IOException} instead.
 */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_SHOWN_CHARACTERS = 120;

    private final transient Path file;
    private final @Nullable String tensor;
    private final String rule;

    SafetensorsException(Path file, @Nullable String tensor, String rule) {
        this(file, tensor, rule, null);
    }

    SafetensorsException(Path file, @Nullable String tensor, String rule, @Nullable Throwable cause) {
        super(file + ": " + (tensor == null ? "" : "tensor " + shown(tensor) + ": ") + rule, cause);
        this.file = file;
        this.tensor = tensor;
        this.rule = rule;
    }

    /**
     * Returns the file that is at fault.
     *
     * @return the path as it was given
     */
    public Path file() {
        return file;
    }

    /**
     * Returns the tensor whose entry is at fault.
     *
     * @return its name, or null where the fault concerns the whole file
     */
    public @Nullable String tensor() {
        return tensor;
    }

    /**
     * Returns what is wrong, without file and tensor.
     *
     * @return one sentence
     */
    public String rule() {
        return rule;
    }

    /** Names come from strangers: keep them short and free of control characters in messages and logs. */
    static String shown(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints()
                .limit(MAX_SHOWN_CHARACTERS)
                .map(point -> Character.isISOControl(point) || isSurrogate(point) ? '?' : point)
                .forEach(text::appendCodePoint);
        return text.append(name.length() > MAX_SHOWN_CHARACTERS ? "...\"" : "\"")
                .toString();
    }

    private static boolean isSurrogate(int point) {
        return Character.getType(point) == Character.SURROGATE;
    }
}
