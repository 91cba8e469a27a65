package io.github.gptmoe.eval.report;

import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Settings that runs do not share. */
final class ConfigDifferences {
    static final String ABSENT = "–";

    private ConfigDifferences() {}

    /** Key to its value in each run, as a configuration file has it; only keys whose values differ. */
    static Map<String, List<String>> of(List<ReportRun> runs) {
        List<Map<String, String>> settings = new ArrayList<>();
        Set<String> keys = new LinkedHashSet<>();
        for (ReportRun run : runs) {
            RunConfig config = run.config();
            Map<String, String> values = config == null ? Map.of() : ConfigWriter.values(config);
            settings.add(values);
            keys.addAll(values.keySet());
        }
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (String key : keys) {
            List<String> values =
                    settings.stream().map(run -> run.getOrDefault(key, ABSENT)).toList();
            if (values.stream().distinct().count() > 1) {
                differences.put(key, values);
            }
        }
        return differences;
    }
}
