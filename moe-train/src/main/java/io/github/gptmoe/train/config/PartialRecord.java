package io.github.gptmoe.train.config;

import java.lang.reflect.RecordComponent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record under construction, some of whose values could not be read.
 *
 * <p>Such a hole is filled on building, in one of two ways, so that rules can be asked about the rest.
 */
final class PartialRecord {

    private final RecordShape shape;
    private final @Nullable Object[] values;
    private final boolean[] holes;

    PartialRecord(Class<?> type) {
        this.shape = new RecordShape(type);
        this.values = new Object[shape.components().length];
        this.holes = new boolean[values.length];
    }

    /** A section without content: holes where a value is required, defaults elsewhere. */
    static PartialRecord hollow(Class<?> type) {
        PartialRecord record = new PartialRecord(type);
        for (int i = 0; i < record.values.length; i++) {
            if (RecordShape.isRequired(record.shape.components()[i])) {
                record.hole(i);
            } else {
                record.leaveOut(i);
            }
        }
        return record;
    }

    RecordShape shape() {
        return shape;
    }

    /** Sets a value, which may be a {@code PartialRecord} or a list of them. */
    void set(int index, Object value) {
        values[index] = value;
    }

    /** Marks a value that should have been there and could not be read. */
    void hole(int index) {
        holes[index] = true;
        leaveOut(index);
    }

    /** Leaves the default to the record; a section left out is a section of defaults, or null where it may be. */
    void leaveOut(int index) {
        RecordComponent component = shape.components()[index];
        if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
            RecordShape.standard(component.getType()).ifPresent(standard -> values[index] = hollow(standard));
        }
    }

    /**
     * Builds the record.
     *
     * @param filling 0 or 1: the two ways to fill holes differ in every value
     */
    Object build(int filling) {
        @Nullable Object[] built = new Object[values.length];
        RecordComponent[] components = shape.components();
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value instanceof PartialRecord inner) {
                built[i] = inner.build(filling);
            } else if (value instanceof List<?> list) {
                built[i] = list.stream()
                        .map(entry -> entry instanceof PartialRecord inner ? inner.build(filling) : entry)
                        .toList();
            } else {
                built[i] = value == null && holes[i] ? filler(components[i].getType(), filling) : value;
            }
        }
        return shape.construct(built);
    }

    private static @Nullable Object filler(Class<?> type, int filling) {
        boolean second = filling == 1;
        if (type == int.class || (type == Integer.class && second)) {
            return second ? 6 : 1;
        }
        if (type == long.class || (type == Long.class && second)) {
            return second ? 6L : 1L;
        }
        if (type == double.class || (type == Double.class && second)) {
            return second ? 0.5 : 1e-6;
        }
        if (type == boolean.class || (type == Boolean.class && second)) {
            return second;
        }
        return type == String.class && second ? "?" : null;
    }
}
