package io.github.gptmoe.eval.english;

import java.util.List;

/**
 * The last word of a passage (Paperno et al. 2016), in the form of plain text: the context is all before the last space, the
 * candidate the word after it.
 */
final class Lambada extends Exact {
    @Override
    public String name() {
        return "lambada";
    }

    @Override
    public String file() {
        return "lambada_test.jsonl";
    }

    @Override
    public boolean perplexity() {
        return true;
    }

    @Override
    public EnglishQuestion question(EnglishRow row) {
        String text = row.text("text");
        int space = text.lastIndexOf(' ');
        if (space < 0 || space == text.length() - 1) {
            throw row.bad("the field text must have a word after its last space, which is to be guessed");
        }
        return row.question(text.substring(0, space), List.of(text.substring(space + 1)), 0);
    }
}
