package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordShapeTest {

    /** A component of any other type would surprise the first user who writes its key. */
    @Test
    void everyComponentHasATypeThatAConfigurationCanHold() {
        List<String> unreadable = new ArrayList<>();
        collect(RunConfig.class, unreadable);
        assertThat(unreadable).isEmpty();
    }

    private static void collect(Class<?> record, List<String> unreadable) {
        for (RecordComponent component : new RecordShape(record).components()) {
            Class<?> type = component.getType();
            if (type.isRecord()) {
                collect(type, unreadable);
            } else if (RecordShape.isVariant(type)) {
                RecordShape.variants(type).values().forEach(variant -> collect(variant, unreadable));
            } else if (type == List.class && RecordShape.listElement(component).isRecord()) {
                collect(RecordShape.listElement(component), unreadable);
            } else if (!ScalarReader.reads(type == List.class ? RecordShape.listElement(component) : type)) {
                unreadable.add(component.toString());
            }
        }
    }

    @Test
    void requiredKeysAreThoseWithoutDefault() {
        assertThat(new RecordShape(RunConfig.class).requiredKeys()).containsExactly("model", "train");
        assertThat(new RecordShape(TrainConfig.class).requiredKeys())
                .containsExactly("globalBatch", "microBatch", "optimizer");
        assertThat(new RecordShape(CheckpointConfig.class).requiredKeys()).isEmpty();
    }

    @Test
    void pathsReachIntoVariants() {
        assertThat(RecordShape.paths(RunConfig.class, ""))
                .contains("train.optimizer.beta1", "model.router.type", "model.router.gamma", "report");
    }
}
