package io.github.gptmoe.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.train.report.ReportJson;

/** Records as processes tell them to each other: JSON, in which FP64 numbers keep their bits. */
final class Told {
    private Told() {}

    static String text(Object told) {
        try {
            return ReportJson.mapper().writeValueAsString(told);
        } catch (JsonProcessingException unwritable) {
            throw new IllegalArgumentException(unwritable);
        }
    }

    static <T> T read(String text, Class<T> type) {
        try {
            return ReportJson.mapper().readValue(text, type);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalStateException("another process said: " + text, unreadable);
        }
    }
}
