package io.github.gptmoe.data.task;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What can be wrong with a task beyond the types of its keys. */
final class TaskProblems {
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

    private final Task task;
    private final Map<String, String> problems = new LinkedHashMap<>();

    private TaskProblems(Task task) {
        this.task = task;
    }

    static Map<String, String> of(Task task) {
        TaskProblems found = new TaskProblems(task);
        found.judgeNames();
        found.judgeSlots();
        found.judgeLabels();
        found.judgeTree();
        found.judgeLexical();
        found.judgeSets();
        return found.problems;
    }

    private void require(boolean holds, String key, String problem) {
        if (!holds) {
            problems.putIfAbsent(key, problem);
        }
    }

    private void judgeNames() {
        require(WORD.matcher(task.name()).matches(), "name", "is no short name such as eprstmt");
        TaskData data = task.data();
        require(!data.folder().isBlank(), "data.folder", "is missing; name the task's folder inside the data folder");
        require(!data.id().isEmpty(), "data.id", "is empty; name the field of a row's id or leave the key out");
        require(!data.test().equals(data.unlabeled()), "data.unlabeled", "is the test split; name another or none");
        TaskSubmission submission = task.submission();
        require(
                submission.file().matches("[A-Za-z0-9_.-]+\\.json"),
                "submission.file",
                "must be a file name such as eprstmt_predict.json, of letters, digits, dots and hyphens");
        require(!submission.field().equals("id"), "submission.field", "is that of the row's id; use label or answer");
        if (submission.type() == TaskSubmission.AnswerType.INTEGER) {
            boolean numbers =
                    task.labels().stream().allMatch(label -> label.value().matches("0|[1-9][0-9]{0,8}"));
            require(numbers, "submission.type", "is integer, but not all labels' values are integers from 0; use text");
        }
    }

    private void judgeSlots() {
        require(!task.slots().isEmpty(), "slots", "is missing; list the texts of a row, each with name and field");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < task.slots().size(); i++) {
            TaskSlot slot = task.slots().get(i);
            String key = "slots[" + i + "]";
            require(
                    WORD.matcher(slot.name()).matches() && !slot.name().equals(PatternPieces.LABEL),
                    key + ".name",
                    "'" + slot.name() + "' is no name for a slot; use letters and digits, not 'label'");
            require(seen.add(slot.name()), key + ".name", "'" + slot.name() + "' is the name of an earlier slot");
            require(!slot.field().isBlank(), key + ".field", "is missing; name the field of the row");
            require(
                    slot.separator() == null
                            || (slot.blank() == null && slot.spans().isEmpty()),
                    key + ".separator",
                    "is for lists of texts, which have neither a blank nor spans");
            require(!"".equals(slot.blank()), key + ".blank", "is empty; write what stands for the missing word");
            require(
                    slot.blank() == null || slot.spans().isEmpty(),
                    key + ".blank",
                    "cannot be together with spans in one slot");
            for (int j = 0; j < slot.spans().size(); j++) {
                TaskSpan span = slot.spans().get(j);
                String at = key + ".spans[" + j + "]";
                require(!span.text().isBlank(), at + ".text", "is missing; name the field with the span's text");
                require(!span.start().isBlank(), at + ".start", "is missing; name the field with the span's place");
            }
        }
    }

    private void judgeLabels() {
        require(task.labels().size() >= 2, "labels", "a task needs at least two labels");
        Map<String, String> values = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        Map<String, String> seeds = new HashMap<>();
        for (int i = 0; i < task.labels().size(); i++) {
            TaskLabel label = task.labels().get(i);
            String key = "labels[" + i + "]";
            require(!label.value().isBlank(), key + ".value", "is missing; write the label as rows have it");
            requireNew(values, label.value(), key, ".value");
            require(
                    label.value().isBlank() || !label.name().isBlank(),
                    key + ".name",
                    "is empty; write the label in words");
            requireNew(names, label.name(), key, ".name");
            for (String seed : label.seeds()) {
                require(!seed.isBlank(), key + ".seeds", "has an empty word; remove it");
                String earlier = seeds.putIfAbsent(seed, label.value());
                require(
                        earlier == null,
                        key + ".seeds",
                        "'" + seed + "' is a seed of " + earlier + " already; a word can speak for one label only");
            }
        }
    }

    private void requireNew(Map<String, String> earlier, String text, String key, String component) {
        String first = earlier.putIfAbsent(text, key);
        require(first == null, key + component, "'" + text + "' is that of " + first + " already");
    }

    private void judgeTree() {
        Map<String, String> classOf = new HashMap<>();
        Set<String> names = new HashSet<>();
        Set<String> words = new HashSet<>();
        for (int i = 0; i < task.tree().size(); i++) {
            TaskClass group = task.tree().get(i);
            String key = "tree[" + i + "]";
            require(!group.name().isBlank(), key + ".name", "is missing; name the class");
            require(!group.word().isBlank(), key + ".word", "is empty; write what a pattern says for the class");
            require(names.add(group.name()), key + ".name", "'" + group.name() + "' is an earlier class");
            require(
                    words.add(group.word()),
                    key + ".word",
                    "'" + group.word() + "' is that of an earlier class; they could not be told apart");
            require(!group.labels().isEmpty(), key + ".labels", "is missing; list the values of labels");
            for (String value : group.labels()) {
                require(
                        task.labelIndex(value).isPresent(),
                        key + ".labels",
                        "'" + value + "' is not the value of a label");
                String earlier = classOf.putIfAbsent(value, group.name());
                require(
                        earlier == null,
                        key + ".labels",
                        "'" + value + "' is below " + earlier + " already; a label has one class");
            }
        }
        if (!task.tree().isEmpty()) {
            List<String> missing = task.labels().stream()
                    .map(TaskLabel::value)
                    .filter(value -> !classOf.containsKey(value))
                    .toList();
            require(missing.isEmpty(), "tree", "no class has the labels " + missing + "; each needs one");
        }
    }

    private void judgeLexical() {
        TaskLexical lexical = task.lexical();
        if (lexical == null) {
            return;
        }
        int slots = lexical.method().slots();
        require(
                slots == 0 ? !lexical.slots().isEmpty() : lexical.slots().size() == slots,
                "lexical.slots",
                "must name " + (slots == 0 ? "at least one slot" : slots + " slot(s)") + " for this method");
        for (String slot : lexical.slots()) {
            require(
                    task.slot(slot).isPresent(),
                    "lexical.slots",
                    "'" + slot + "' is no slot; there are " + task.slotNames());
        }
        int labels = lexical.method().labels();
        require(
                lexical.labels().size() == labels,
                "lexical.labels",
                labels == 0
                        ? "is not for this method, which tells all labels apart; leave it out"
                        : "must name " + labels + " labels for this method");
        for (String label : lexical.labels()) {
            require(
                    task.labelIndex(label).isPresent(),
                    "lexical.labels",
                    "'" + label + "' is not the value of a label");
        }
        require(
                labels > 0
                        || task.labels().stream()
                                .noneMatch(label -> label.seeds().isEmpty()),
                "lexical.method",
                "seeds needs seeds in every label");
    }

    private void judgeSets() {
        require(!task.sets().isEmpty(), "sets", "is missing; a task needs a set of patterns");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < task.sets().size(); i++) {
            PatternSet set = task.sets().get(i);
            String key = "sets[" + i + "]";
            require(WORD.matcher(set.name()).matches(), key + ".name", "is no short name such as article");
            require(names.add(set.name()), key + ".name", "'" + set.name() + "' is an earlier set");
            require(WORD.matcher(set.rule()).matches(), key + ".rule", "is missing; name a rule such as likelihood");
            require(!set.patterns().isEmpty(), key + ".patterns", "is missing; give at least one pattern");
            for (int j = 0; j < set.patterns().size(); j++) {
                judgePattern(set.patterns().get(j), key + ".patterns[" + j + "]");
            }
        }
    }

    private void judgePattern(TaskPattern pattern, String key) {
        try {
            PatternPieces pieces = PatternPieces.parse(pattern.text());
            for (String slot : pieces.slots()) {
                require(
                        task.slot(slot).isPresent(),
                        key + ".text",
                        "{" + slot + "} is no slot; there are label, " + task.slotNames());
            }
            long blanks = pieces.slots().stream()
                    .filter(slot -> task.slot(slot)
                            .filter(found -> found.blank() != null)
                            .isPresent())
                    .count();
            require(
                    pieces.labels() + blanks == 1,
                    key + ".text",
                    "must have the label's place once: {label}, or a slot with a blank");
        } catch (PatternPieces.Unreadable unreadable) {
            require(false, key + ".text", String.valueOf(unreadable.getMessage()));
        }
        judgeWords(pattern, key);
    }

    private void judgeWords(TaskPattern pattern, String key) {
        boolean ownCandidates = task.data().choices() != null;
        require(
                !ownCandidates || (pattern.words().isEmpty() && pattern.form() == null),
                key + ".words",
                "rows bring their own candidates (data.choices), so words and form say nothing; remove them");
        require(
                pattern.words().isEmpty() || pattern.form() == null,
                key + ".form",
                "says the words a second time; keep form or words");
        require(
                pattern.words().isEmpty()
                        || pattern.words().size() == task.labels().size(),
                key + ".words",
                pattern.words().size() + " words for " + task.labels().size()
                        + " labels; give one each, in their order");
        require(
                pattern.form() != LabelForm.SHORT
                        || task.labels().stream().allMatch(label -> label.shortName() != null),
                key + ".form",
                "short needs a shortName in every label");
        boolean names = pattern.words().isEmpty() && pattern.form() != LabelForm.SHORT;
        Set<String> words = new HashSet<>();
        for (String word : names ? List.<String>of() : pattern.labelWords(task)) {
            require(!word.isBlank(), key + ".words", "has an empty word; write what stands for the label");
            require(words.add(word), key + ".words", "'" + word + "' stands for two labels");
        }
    }
}
