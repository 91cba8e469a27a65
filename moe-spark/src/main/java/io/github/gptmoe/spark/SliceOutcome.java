package io.github.gptmoe.spark;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.StretchRows;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a task made of a slice.
 *
 * @param <T> the result
 * @param rows what was read
 * @param value the result; null if the input did not allow one
 * @param failure what is wrong with the input; null if nothing is
 */
record SliceOutcome<T extends Serializable>(
        StretchRows rows, @Nullable T value, @Nullable Failure failure) implements Serializable {

    /** An {@link InputException} on its way to the driver. */
    record Failure(InputException.Kind kind, String message) implements Serializable {
        InputException exception() {
            return new InputException(kind, message);
        }
    }

    static <T extends Serializable> SliceOutcome<T> of(T value) {
        return new SliceOutcome<>(StretchRows.NONE, value, null);
    }

    static <T extends Serializable> SliceOutcome<T> of(StretchRows rows, @Nullable T value) {
        return new SliceOutcome<>(rows, value, null);
    }

    static <T extends Serializable> SliceOutcome<T> failed(InputException failure) {
        String message = String.valueOf(failure.getMessage());
        return new SliceOutcome<>(StretchRows.NONE, null, new Failure(failure.kind(), message));
    }
}
