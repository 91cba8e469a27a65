package io.github.gptmoe.train.attention;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a processor or GPU is called, exactly enough to tell models apart. */
final class DeviceName {
    private static final Path PROC = Path.of("/proc");

    /** Fields of /proc/cpuinfo: of x86, then of ARM. Cloud machines call different processors by one model name. */
    private static final List<String> CPU_FIELDS = List.of(
            "model name",
            "cpu family",
            "model",
            "stepping",
            "CPU implementer",
            "CPU part",
            "CPU variant",
            "CPU revision");

    private DeviceName() {}

    static String of(Device device) {
        return of(device, PROC);
    }

    /** Reads the files of Linux; elsewhere there is the architecture, and on Windows the processor's identifier. */
    static String of(Device device, Path proc) {
        try {
            String name = device.isGpu() ? gpu(proc) : cpu(proc);
            if (!name.isEmpty()) {
                return name;
            }
        } catch (IOException unreadable) {
            // Not Linux, or a container that hides its hardware: the name below still keeps kinds of machines apart.
        }
        return device.isGpu()
                ? "GPU"
                : Objects.requireNonNullElse(
                        System.getenv("PROCESSOR_IDENTIFIER"),
                        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    }

    /** Of the first processor: the name, then the numbers that tell versions of it apart. */
    private static String cpu(Path proc) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : Files.readAllLines(proc.resolve("cpuinfo"))) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.putIfAbsent(
                        line.substring(0, colon).trim(),
                        line.substring(colon + 1).trim());
            }
        }
        String model = fields.getOrDefault("model name", "");
        String numbers = CPU_FIELDS.stream()
                .filter(field -> !field.equals("model name") && fields.containsKey(field))
                .map(field -> field + " " + fields.get(field))
                .collect(Collectors.joining(", "));
        return numbers.isEmpty() ? model : (model.isEmpty() ? numbers : model + " (" + numbers + ")");
    }

    /** The driver lists the GPUs of a machine, which are of one model nearly always. */
    private static String gpu(Path proc) throws IOException {
        TreeSet<String> models = new TreeSet<>();
        try (Stream<Path> gpus = Files.list(proc.resolve("driver/nvidia/gpus"))) {
            for (Path gpu : gpus.toList()) {
                for (String line : Files.readAllLines(gpu.resolve("information"))) {
                    if (line.startsWith("Model:")) {
                        models.add(line.substring("Model:".length()).trim());
                    }
                }
            }
        }
        return String.join(" and ", models);
    }
}
