package io.github.gptmoe.data.clean;

/**
 * What a text consists of, counted in code points. {@code ellipses} counts runs of … and of two dots or more, {@code bracketed} what
 * stands between 【 and 】 of one line.
 */
record CharacterCounts(
        int visible,
        int letters,
        int han,
        int latin,
        int digits,
        int punctuation,
        int hashes,
        int ellipses,
        int bracketed) {

    static CharacterCounts of(String text) {
        int visible = 0;
        int letters = 0;
        int han = 0;
        int latin = 0;
        int digits = 0;
        int punctuation = 0;
        int hashes = 0;
        int ellipses = 0;
        int bracketed = 0;
        int inBrackets = -1;
        int before = 0;
        int last = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (point == '【') {
                inBrackets = 0;
            } else if (point == '】' && inBrackets >= 0) {
                bracketed += inBrackets;
                inBrackets = -1;
            } else if (point == '\n') {
                inBrackets = -1;
            } else if (inBrackets >= 0) {
                inBrackets++;
            }
            if (Characters.isHan(point)) {
                visible++;
                letters++;
                han++;
            } else if (!Characters.isSpace(point)) {
                visible++;
                if (Character.isLetter(point)) {
                    letters++;
                    latin += Characters.isLatinLetter(point) ? 1 : 0;
                } else if (Character.isDigit(point)) {
                    digits++;
                } else if (Characters.isPunctuation(point)) {
                    punctuation++;
                }
                hashes += point == '#' ? 1 : 0;
                boolean dots = point == '.' && last == '.' && before != '.';
                ellipses += dots || (point == '…' && last != '…') ? 1 : 0;
            }
            before = last;
            last = point;
        }
        return new CharacterCounts(visible, letters, han, latin, digits, punctuation, hashes, ellipses, bracketed);
    }
}
