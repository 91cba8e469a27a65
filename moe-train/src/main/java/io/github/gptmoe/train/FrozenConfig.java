package io.github.gptmoe.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Refuses to continue a run with settings that would make it another run. */
final class FrozenConfig {
    /** Settings that change how long, how fast or how visibly a run trains, but not what it computes, rounding aside. */
    private static final Set<String> FREE = Set.of(
            "train.steps",
            "train.tokens",
            "train.validateEvery",
            "train.validationBatches",
            "train.maxNonFiniteSteps",
            "train.logEvery",
            "train.headChunk",
            "train.recompute",
            "train.attention",
            "train.zeroStage",
            "train.optimizerInBackward",
            "train.offloadOptimizer",
            "train.expertParallel",
            "train.rankTimeoutSeconds",
            "train.lossScale.minimum",
            "data.cache",
            "data.badRows",
            "data.loaderThreads",
            "data.prefetch");

    private FrozenConfig() {}

    static void requireSame(RunFolder folder, RunConfig before, RunConfig now) {
        Map<String, String> old = flatten("", before);
        Map<String, String> fresh = flatten("", now);
        List<String> changed = new ArrayList<>();
        Set<String> keys = new TreeSet<>(old.keySet());
        keys.addAll(fresh.keySet());
        for (String key : keys) {
            String was = old.getOrDefault(key, "absent");
            String is = fresh.getOrDefault(key, "absent");
            if (!was.equals(is) && !free(key)) {
                changed.add(key + ": the run has " + was + ", this call " + is);
            }
        }
        if (!changed.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "cannot continue " + folder.path() + " with a changed configuration:\n  "
                            + String.join("\n  ", changed)
                            + "\nUse the run's own " + folder.config() + ", or begin another run with --out");
        }
    }

    private static boolean free(String key) {
        return key.startsWith("checkpoint.")
                || key.startsWith("report.")
                || FREE.stream().anyMatch(free -> key.equals(free) || key.startsWith(free + "."));
    }

    /** Every value of a configuration, or of a section of it, by its key. */
    static Map<String, String> flatten(String prefix, Record section) {
        Map<String, String> flat = new TreeMap<>();
        flatten(prefix, new ObjectMapper().valueToTree(section), flat);
        return flat;
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> flat) {
        if (!node.isContainerNode()) {
            flat.put(prefix, node.asText());
            return;
        }
        int index = 0;
        for (JsonNode element : node.isArray() ? node : List.<JsonNode>of()) {
            flatten(prefix + "." + index++, element, flat);
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            flatten(prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey(), field.getValue(), flat);
        }
    }
}
