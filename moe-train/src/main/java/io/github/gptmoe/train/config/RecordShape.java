package io.github.gptmoe.train.config;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A record type read as a schema: its components are the keys. */
final class RecordShape {

    private final Class<?> type;
    private final RecordComponent[] components;

    RecordShape(Class<?> type) {
        this.type = type;
        this.components = Objects.requireNonNull(type.getRecordComponents(), type + " is not a record");
    }

    RecordComponent[] components() {
        return components;
    }

    List<String> keys() {
        return Arrays.stream(components).map(RecordComponent::getName).toList();
    }

    /** Components that have no default: primitives, and sections that contain one. */
    List<String> requiredKeys() {
        return Arrays.stream(components)
                .filter(RecordShape::isRequired)
                .map(RecordComponent::getName)
                .toList();
    }

    static boolean isRequired(RecordComponent component) {
        Class<?> type = component.getType();
        return type.isPrimitive()
                || standard(type)
                        .filter(record ->
                                !new RecordShape(record).requiredKeys().isEmpty())
                        .isPresent();
    }

    /** The record that a section without content is: its own, or of a sealed interface the one it names for this. */
    static Optional<Class<?>> standard(Class<?> type) {
        if (type.isRecord()) {
            return Optional.of(type);
        }
        return isVariant(type)
                ? Optional.ofNullable(type.getAnnotation(JsonTypeInfo.class))
                        .<Class<?>>map(JsonTypeInfo::defaultImpl)
                        .filter(Class::isRecord)
                : Optional.empty();
    }

    static Class<?> listElement(RecordComponent component) {
        return (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    }

    static boolean isVariant(Class<?> type) {
        return type.isSealed() && type.isInterface();
    }

    /** The key that chooses among the permitted records of a sealed interface. */
    static String variantKey(Class<?> sealedType) {
        return Optional.ofNullable(sealedType.getAnnotation(JsonTypeInfo.class))
                .map(JsonTypeInfo::property)
                .filter(property -> !property.isEmpty())
                .orElse("type");
    }

    /** Name to record, from the permitted records' {@link JsonTypeName}. */
    static Map<String, Class<?>> variants(Class<?> sealedType) {
        Map<String, Class<?>> variants = new LinkedHashMap<>();
        for (Class<?> permitted : sealedType.getPermittedSubclasses()) {
            variants.put(variantName(permitted), permitted);
        }
        return variants;
    }

    static String variantName(Class<?> permitted) {
        return Objects.requireNonNull(permitted.getAnnotation(JsonTypeName.class), permitted + " has no JsonTypeName")
                .value();
    }

    /** Every path below a record: {@code train.optimizer.beta1} and the like. */
    static Set<String> paths(Class<?> type, String prefix) {
        Set<String> paths = new TreeSet<>();
        for (RecordComponent component : new RecordShape(type).components) {
            String path = prefix + component.getName();
            paths.add(path);
            if (component.getType().isRecord()) {
                paths.addAll(paths(component.getType(), path + "."));
            } else if (isVariant(component.getType())) {
                paths.add(path + "." + variantKey(component.getType()));
                variants(component.getType()).values().forEach(variant -> paths.addAll(paths(variant, path + ".")));
            }
        }
        return paths;
    }

    /** Every key of the permitted records of a sealed interface, to the names of those that have it. */
    static Map<String, List<String>> keyOwners(Class<?> sealedType) {
        Map<String, List<String>> owners = new LinkedHashMap<>();
        variants(sealedType)
                .forEach((name, variant) -> new RecordShape(variant)
                        .keys()
                        .forEach(key -> owners.computeIfAbsent(key, k -> new ArrayList<>())
                                .add(name)));
        return owners;
    }

    Object construct(@Nullable Object[] values) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException thrown) {
            throw new IllegalStateException(
                    type.getSimpleName() + "'s constructor must leave rules to problems()", thrown.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(type + " must be public with a public constructor", impossible);
        }
    }

    static @Nullable Object value(RecordComponent component, Object instance) {
        try {
            return component.getAccessor().invoke(instance);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(component + " must be readable", impossible);
        }
    }
}
