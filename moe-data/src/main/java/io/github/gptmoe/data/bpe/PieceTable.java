package io.github.gptmoe.data.bpe;

import java.util.Arrays;

/**
 * Which characters each symbol consists of. Symbol 0 is the border, the symbols from 1 on are single characters in rising
 * order of their code points, and then come merged ones. Characters are written as their symbols, so that comparing these
 * numbers is comparing code points, and thereby UTF-8.
 */
final class PieceTable {
    private final int[] points;
    private int[] characters;
    private int[] starts;
    private int symbols;

    /** {@code points} are the code points of the alphabet, rising. */
    PieceTable(int[] points) {
        this.points = points;
        this.symbols = points.length + 1;
        this.characters = new int[2 * symbols];
        this.starts = new int[2 * symbols];
        for (int symbol = 1; symbol < symbols; symbol++) {
            characters[symbol - 1] = symbol;
            starts[symbol] = symbol - 1;
        }
        starts[symbols] = symbols - 1;
    }

    /** The number of symbols, the border included. */
    int size() {
        return symbols;
    }

    int length(int symbol) {
        return starts[symbol + 1] - starts[symbol];
    }

    /** Adds the symbol that two others make. */
    int add(int left, int right) {
        int from = starts[symbols];
        int length = length(left) + length(right);
        if (from + length > characters.length) {
            characters = Arrays.copyOf(characters, 2 * (from + length));
        }
        if (symbols + 2 > starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        copy(left, characters, from);
        copy(right, characters, from + length(left));
        symbols++;
        starts[symbols] = from + length;
        return symbols - 1;
    }

    private int copy(int symbol, int[] target, int at) {
        System.arraycopy(characters, starts[symbol], target, at, length(symbol));
        return at + length(symbol);
    }

    /** Writes the characters of a pair to a buffer; returns their number. */
    int write(int left, int right, int[] buffer) {
        return copy(right, buffer, copy(left, buffer, 0));
    }

    /** Compares two pairs of equal length in all as texts. */
    int compare(int left, int right, int otherLeft, int otherRight) {
        int leftLength = length(left);
        int otherLength = length(otherLeft);
        int all = leftLength + length(right);
        for (int i = 0; i < all; i++) {
            int mine = i < leftLength ? characters[starts[left] + i] : characters[starts[right] + i - leftLength];
            int theirs = i < otherLength
                    ? characters[starts[otherLeft] + i]
                    : characters[starts[otherRight] + i - otherLength];
            if (mine != theirs) {
                return Integer.compare(mine, theirs);
            }
        }
        return 0;
    }

    String text(int symbol) {
        return text(symbol, SymbolText.BORDER);
    }

    String text(int left, int right) {
        StringBuilder text = new StringBuilder();
        appendText(left, text);
        appendText(right, text);
        return text.toString();
    }

    private void appendText(int symbol, StringBuilder text) {
        for (int i = starts[symbol]; i < starts[symbol + 1]; i++) {
            text.appendCodePoint(points[characters[i] - 1]);
        }
    }
}
