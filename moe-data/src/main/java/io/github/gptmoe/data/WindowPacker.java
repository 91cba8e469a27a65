package io.github.gptmoe.data;

import java.util.ArrayList;
import java.util.List;

/** Decides which examples share a window: none is divided. */
final class WindowPacker {
    private static final int OPEN_WINDOWS = 64;
    /** Apart from the seed that orders windows, so that the two orders have nothing to do with each other. */
    private static final long ORDER_OF_EXAMPLES = 0x5EC7;

    private WindowPacker() {}

    private static final class Window {
        private final List<Integer> examples = new ArrayList<>();
        private int room;

        Window(int room) {
            this.room = room;
        }
    }

    /**
     * Goes through the examples in a shuffled order and puts each into the first window with room for it, of the last few
     * that were begun; the order keeps lengths mixed, so that little room is left.
     *
     * @param lengths of the examples, each at most {@code room}
     * @param room tokens of a window
     * @param seed of the shuffled order
     * @return for each window the numbers of its examples
     */
    static List<int[]> pack(int[] lengths, int room, long seed) {
        SampleOrder order = new SampleOrder(Hashes.mix(seed) ^ ORDER_OF_EXAMPLES, lengths.length);
        List<Window> all = new ArrayList<>();
        List<Window> open = new ArrayList<>();
        for (int position = 0; position < lengths.length; position++) {
            int example = (int) order.index(0, position);
            int length = lengths[example];
            Window window =
                    open.stream().filter(one -> one.room >= length).findFirst().orElse(null);
            if (window == null) {
                window = new Window(room);
                all.add(window);
                open.add(window);
                if (open.size() > OPEN_WINDOWS) {
                    open.remove(0);
                }
            }
            window.examples.add(example);
            window.room -= length;
            if (window.room == 0) {
                open.remove(window);
            }
        }
        return all.stream()
                .map(window ->
                        window.examples.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }
}
