package io.github.gptmoe.data;

import java.util.Map;

/**
 * Where a group of blocks begins among the samples: all that is needed to make its samples.
 *
 * @param group its number, over all epochs
 * @param firstSample number of its first sample
 * @param carried tokens of the groups before it that no sample has begun with yet; they come before its own
 */
record StreamPosition(long group, long firstSample, int carried) {
    private static final String GROUP = "data.group";
    private static final String FIRST_SAMPLE = "data.firstSample";
    private static final String CARRIED = "data.carried";
    private static final String SEED = "data.seed";

    static final StreamPosition START = new StreamPosition(0, 0, 0);

    StreamPosition {
        if (group < 0 || firstSample < 0 || carried < 0) {
            throw new IllegalArgumentException(
                    "group " + group + ", sample " + firstSample + ", " + carried + " tokens carried");
        }
    }

    Map<String, String> state(long seed) {
        return Map.of(
                GROUP, Long.toString(group),
                FIRST_SAMPLE, Long.toString(firstSample),
                CARRIED, Integer.toString(carried),
                SEED, Long.toString(seed));
    }

    /** Reads what {@link #state} wrote. */
    static StreamPosition of(long sample, Map<String, String> state, long seed) {
        StreamPosition read = new StreamPosition(
                Long.parseLong(value(state, GROUP)),
                Long.parseLong(value(state, FIRST_SAMPLE)),
                Integer.parseInt(value(state, CARRIED)));
        String before = value(state, SEED);
        if (!before.equals(Long.toString(seed))) {
            throw InputException.configuration("with data.tokenize \"stream\" a checkpoint is continued in the order of"
                    + " its own seed: set train.seed to " + before + " instead of " + seed);
        }
        if (read.firstSample > sample) {
            throw new IllegalArgumentException("sample " + sample + " lies before " + read);
        }
        return read;
    }

    private static String value(Map<String, String> state, String name) {
        String value = state.get(name);
        if (value == null) {
            throw InputException.environment("the checkpoint has no " + name
                    + ", which a run with data.tokenize \"stream\" writes; use another checkpoint");
        }
        return value;
    }
}
