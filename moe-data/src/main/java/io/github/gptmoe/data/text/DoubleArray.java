package io.github.gptmoe.data.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A trie over bytes in two interleaved arrays, in the layout of Darts-clone, which SentencePiece reads. A unit of 32 bits:
 *
 * <ul>
 *   <li>bits 0 to 7: the byte that leads here; bit 8: whether a key ends here
 *   <li>bits 10 to 30: what the unit's index is XORed with to reach the block of its children; bit 9: times 256
 *   <li>a value has bit 31 set and fills the other bits; it stands at the beginning of the block of the unit that it belongs to
 * </ul>
 *
 * The child by byte b of a block that begins at index i is the unit at i XOR b. Unit 0 is the root.
 *
 * @see <a href="https://github.com/s-yata/darts-clone">Darts-clone</a>
 */
final class DoubleArray {
    static final int VALUE_FLAG = 1 << 31;
    static final int LEAF_FLAG = 1 << 8;
    static final int SCALED_FLAG = 1 << 9;
    static final int OFFSET_SHIFT = 10;
    private static final int LABEL_MASK = VALUE_FLAG | 0xFF;
    private static final int SCALE_BITS = 8;

    private final int[] units;

    DoubleArray(int[] units) {
        this.units = units;
    }

    /**
     * Looks for the longest key at a place in a text.
     *
     * @return the value in the upper and the length of the key in the lower 32 bits; 0 if none begins there
     */
    long longest(byte[] text, int start, int end) {
        long found = 0;
        int at = offset(units[0]);
        for (int i = start; i < end; i++) {
            int label = text[i] & 0xFF;
            at ^= label;
            int unit = at < units.length ? units[at] : VALUE_FLAG;
            if ((unit & LABEL_MASK) != label) {
                break;
            }
            at ^= offset(unit);
            if (at >= units.length) {
                break; // Nothing that was built is so; what is read from a file may be.
            }
            if ((unit & LEAF_FLAG) != 0) {
                found = (long) (units[at] & ~VALUE_FLAG) << Integer.SIZE | i + 1 - start;
            }
        }
        return found;
    }

    static int offset(int unit) {
        return (unit & ~VALUE_FLAG) >>> OFFSET_SHIFT << ((unit & SCALED_FLAG) == 0 ? 0 : SCALE_BITS);
    }

    /** The units as they stand in a file, little-endian. */
    byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(units.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(units);
        return bytes.array();
    }
}
