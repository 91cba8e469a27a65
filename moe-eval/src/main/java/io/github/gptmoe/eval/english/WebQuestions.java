package io.github.gptmoe.eval.english;

import java.util.ArrayList;
import java.util.List;

/** Questions people asked a search engine, with all names of the answers (Berant et al. 2013). */
final class WebQuestions extends Exact {
    @Override
    public String name() {
        return "webqs";
    }

    @Override
    public String file() {
        return "webqs_test.jsonl";
    }

    @Override
    public EnglishQuestion question(EnglishRow row) {
        return row.question(
                "qId", "Question: " + row.text("qText") + "\nAnswer:", withoutLonger(row.texts("answers")), 0);
    }

    /** Leaves out names that begin with another one: greedy decoding that writes them has written that one. */
    static List<String> withoutLonger(List<String> aliases) {
        List<String> kept = new ArrayList<>();
        for (String alias : aliases.stream().sorted().toList()) {
            if (kept.isEmpty() || !alias.startsWith(kept.get(kept.size() - 1))) {
                kept.add(alias);
            }
        }
        return kept;
    }
}
