package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.train.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@link RankEnvironment}, collecting all problems. */
final class RankVariables {
    private static final int LARGEST_PORT = 65535;

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    RankVariables(Map<String, String> environment) {
        this.environment = environment;
    }

    RankEnvironment read() {
        boolean slurm = !has("RANK") && !has("WORLD_SIZE") && has("SLURM_PROCID") && has("SLURM_NTASKS");
        if (!slurm && !has("RANK") && !has("WORLD_SIZE")) {
            return new RankEnvironment("", 0, 0, 1, 0, 0);
        }
        String rankName = slurm ? "SLURM_PROCID" : "RANK";
        String sizeName = slurm ? "SLURM_NTASKS" : "WORLD_SIZE";
        int processes = required(sizeName, rankName, 1, RankEnvironment.MOST_PROCESSES);
        int process = required(rankName, sizeName, 0, Math.max(0, processes - 1));
        int localProcess = slurm ? optional("SLURM_LOCALID", 0) : localProcess();
        int node = slurm ? optional("SLURM_NODEID", process) : node(process);
        String address = "";
        int port = 0;
        if (processes > 1) {
            address = text("MASTER_ADDR");
            if (address.isEmpty()) {
                problems.add("MASTER_ADDR is missing: " + sizeName + "=" + processes
                        + " processes need the host name of process 0 there");
            }
            port = masterPort(sizeName);
        }
        if (!problems.isEmpty()) {
            throw new ConfigException("the environment of this process", problems);
        }
        return new RankEnvironment(address, port, process, processes, localProcess, node);
    }

    /** torchrun itself listens at MASTER_PORT where its processes are to use its store; the next port is then ours. */
    private int masterPort(String companion) {
        int shift = text("TORCHELASTIC_USE_AGENT_STORE").equals("True") ? 1 : 0;
        return shift + required("MASTER_PORT", companion, 1, LARGEST_PORT - shift);
    }

    private int localProcess() {
        int local = optional("LOCAL_RANK", 0);
        if (has("LOCAL_WORLD_SIZE")) {
            int size = optional("LOCAL_WORLD_SIZE", 1);
            if (size < 1 || local >= size) {
                problems.add("LOCAL_RANK=" + local + " does not fit LOCAL_WORLD_SIZE=" + size
                        + ": it counts the processes of this node from 0");
            }
        }
        return local;
    }

    /** torchrun calls it GROUP_RANK, its agents and Kubeflow NODE_RANK. */
    private int node(int process) {
        int node = optional("NODE_RANK", optional("GROUP_RANK", process));
        if (has("GROUP_RANK") && has("NODE_RANK") && optional("GROUP_RANK", node) != node) {
            problems.add("NODE_RANK=" + text("NODE_RANK") + " and GROUP_RANK=" + text("GROUP_RANK")
                    + " are both the number of this node, and differ: leave one out");
        }
        return node;
    }

    private boolean has(String name) {
        return !text(name).isEmpty();
    }

    private String text(String name) {
        return environment.getOrDefault(name, "").strip();
    }

    private int required(String name, String companion, int least, int most) {
        if (!has(name)) {
            problems.add(name + " is missing, but " + companion + "=" + text(companion)
                    + " is set: set both, or neither for a single process");
            return least;
        }
        return number(name, least, most);
    }

    private int optional(String name, int otherwise) {
        return has(name) ? number(name, 0, RankEnvironment.MOST_PROCESSES) : otherwise;
    }

    private int number(String name, int least, int most) {
        String text = text(name);
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, like a number out of range.
        }
        String problem = name + "=" + text + ": must be a whole number from " + least + " to " + most;
        if (!problems.contains(problem)) {
            problems.add(problem);
        }
        return least;
    }
}
