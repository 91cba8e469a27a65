package io.github.gptmoe.data.dedup;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/**
 * A text as it is compared: compatibility forms (NFKC, character by character) in lower case, of which letters and digits stay.
 * Space, punctuation, width and case make no difference.
 */
public final class MatchText {
    /** For each UTF-16 unit: its form if that is one unit, 0 if nothing stays, SEVERAL if the form has to be computed. */
    private static final char[] FORMS = forms();

    private static final char SEVERAL = '\uFFFF';

    private final char[] units;
    private final int[] origins;
    private final int length;

    private MatchText(char[] units, int[] origins, int length) {
        this.units = units;
        this.origins = origins;
        this.length = length;
    }

    private static char[] forms() {
        char[] forms = new char[1 << 16];
        for (int unit = 0; unit < SEVERAL; unit++) {
            if (Character.isSurrogate((char) unit)) {
                forms[unit] = SEVERAL;
            } else {
                String form = form(unit);
                forms[unit] = form.isEmpty() ? 0 : form.length() == 1 ? form.charAt(0) : SEVERAL;
            }
        }
        return forms;
    }

    private static String form(int point) {
        String normal = Normalizer.normalize(Character.toString(point), Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT);
        return normal.codePoints()
                .filter(Character::isLetterOrDigit)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /**
     * Brings a text into the form.
     *
     * @param text any
     * @return its form, which may be empty
     */
    public static MatchText of(String text) {
        char[] units = new char[text.length()];
        int[] origins = new int[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); ) {
            char simple = FORMS[text.charAt(i)];
            if (simple != SEVERAL) {
                if (simple != 0) {
                    units[length] = simple;
                    origins[length] = i;
                    length++;
                }
                i++;
                continue;
            }
            int point = text.codePointAt(i);
            String form = form(point);
            if (length + form.length() + text.length() - i > units.length) {
                int room = units.length + form.length() + units.length / 8;
                units = Arrays.copyOf(units, room);
                origins = Arrays.copyOf(origins, room);
            }
            for (int k = 0; k < form.length(); k++) {
                units[length] = form.charAt(k);
                origins[length] = i;
                length++;
            }
            i += Character.charCount(point);
        }
        return new MatchText(units, origins, length);
    }

    /**
     * How long it is.
     *
     * @return UTF-16 units
     */
    public int length() {
        return length;
    }

    /**
     * One of its characters.
     *
     * @param place from 0
     * @return a UTF-16 unit
     */
    public char at(int place) {
        return units[place];
    }

    /**
     * Where a character comes from.
     *
     * @param place from 0
     * @return where in the original text the code point begins that it is a part of
     */
    public int origin(int place) {
        return origins[place];
    }

    @Override
    public String toString() {
        return new String(units, 0, length);
    }
}
