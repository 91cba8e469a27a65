package io.github.gptmoe.train.rendezvous;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who has come to process 0, and whether they may take part. Knows nothing of sockets; not safe for several threads. */
final class Roster {
    private record Entry(Introduction introduction, String address) {}

    /**
     * The answer to a process.
     *
     * @param refusal empty if it is admitted
     * @param disagreement whether the world cannot come about at all, so that all must be refused
     */
    record Verdict(Optional<Refusal> refusal, boolean disagreement) {
        private static final Verdict ADMITTED = new Verdict(Optional.empty(), false);

        private static Verdict refused(String reason) {
            return new Verdict(Optional.of(Refusal.configuration(reason)), false);
        }

        private static Verdict disagreement(String reason) {
            return new Verdict(Optional.of(Refusal.configuration(reason)), true);
        }
    }

    private final Introduction own;
    private final Map<Integer, Entry> entries = new TreeMap<>();
    private boolean complete;

    Roster(Introduction own, String address) {
        this.own = own;
        entries.put(own.process(), new Entry(own, address));
        complete = own.processes() == 1;
    }

    Verdict admit(Introduction other, String address) {
        String who = "process " + other.process() + " (" + address + ")";
        Entry present = entries.get(other.process());
        if (complete) {
            return Verdict.refused(who + " came late: the world of " + own.processes() + " processes is complete, RANK="
                    + other.process() + (present == null ? " has gone" : " is " + present.address())
                    + "; a process that is to take its place needs a new run");
        }
        if (other.processes() != own.processes()) {
            return Verdict.disagreement("world size: process 0 was started with WORLD_SIZE=" + own.processes() + ", "
                    + who + " with WORLD_SIZE=" + other.processes() + "; give all the same");
        }
        if (present != null) {
            return Verdict.refused("RANK=" + other.process() + " is taken: first by " + present.address() + ", then by "
                    + address + "; give every process its own RANK");
        }
        if (!other.configHash().equals(own.configHash())) {
            return Verdict.disagreement("configuration: its hash is " + own.configHash() + " in process 0, but "
                    + other.configHash() + " in " + who + "; give all the same --config and --set");
        }
        entries.put(other.process(), new Entry(other, address));
        complete = entries.size() == own.processes();
        return Verdict.ADMITTED;
    }

    /** A process has gone; before the world is complete it may come again. */
    void leave(int process) {
        entries.remove(process);
    }

    boolean complete() {
        return complete;
    }

    /** Ranks that each process brings, once all have come. */
    List<Integer> localRanks() {
        return entries.values().stream()
                .map(entry -> entry.introduction().localRanks())
                .toList();
    }

    /** Who has not come and who has, in words. */
    String missing() {
        List<Integer> missing = new ArrayList<>();
        for (int process = 0; process < own.processes(); process++) {
            if (!entries.containsKey(process)) {
                missing.add(process);
            }
        }
        List<String> came = new ArrayList<>();
        entries.forEach((process, entry) -> came.add(process + " (" + entry.address() + ")"));
        return "processes " + missing + " of " + own.processes() + " are missing; there are " + String.join(", ", came);
    }
}
