package io.github.gptmoe.eval;

import io.github.gptmoe.eval.Decoding.Continued;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Continues many prompts side by side. A text that ends leaves the batch at once; when a quarter of the places is free,
 * waiting prompts take them, so the batch stays full until none wait. Shorter prompts come first, because prompts of like
 * length waste little padding.
 */
final class SideBySide {
    private static final int REFILL_SHARE = 4;

    private final CachedTexts texts;
    private final int places;
    private final TokenChoice choice;
    private final BiConsumer<Prompt, Continued> finished;
    private final List<Work> active = new ArrayList<>();

    /** A text in the batch; its place in the list is its number in the batch. */
    private static final class Work {
        private final Prompt prompt;
        private final TokenChoice choice;
        private final List<Integer> ids = new ArrayList<>();

        Work(Prompt prompt, TokenChoice choice) {
            this.prompt = prompt;
            this.choice = choice;
        }

        /** Chooses the next token; returns whether the text is complete. */
        boolean advance(float[] logits, BiConsumer<Prompt, Continued> finished) {
            int id = choice.choose(logits, ids.size());
            boolean ended = id == prompt.limits().endOfDocument();
            if (!ended) {
                ids.add(id);
            }
            if (ended || ids.size() == prompt.limits().tokens()) {
                finished.accept(prompt, new Continued(ids, ended));
                return true;
            }
            return false;
        }

        int newest() {
            return ids.get(ids.size() - 1);
        }
    }

    /** Prepares a run in an empty batch; {@code finished} is told of each text, in the order in which they end. */
    SideBySide(CachedTexts texts, int places, TokenChoice choice, BiConsumer<Prompt, Continued> finished) {
        this.texts = texts;
        this.places = places;
        this.choice = choice;
        this.finished = finished;
    }

    void run(List<Prompt> prompts) {
        Deque<Prompt> waiting = new ArrayDeque<>(prompts.stream()
                .sorted(Comparator.comparingInt(prompt -> prompt.context().size()))
                .toList());
        while (!waiting.isEmpty() || !active.isEmpty()) {
            int free = places - active.size();
            if (active.isEmpty() || free * REFILL_SHARE >= places) {
                admit(waiting, free);
            }
            step();
        }
    }

    private void admit(Deque<Prompt> waiting, int free) {
        List<int[]> contexts = new ArrayList<>();
        while (contexts.size() < free && !waiting.isEmpty()) {
            Prompt prompt = waiting.removeFirst();
            active.add(new Work(prompt, choice.ofPrompt(prompt.number())));
            contexts.add(prompt.ids());
        }
        texts.add(contexts);
    }

    /** Chooses a token for every text; those that go on move up into the places of those that ended. */
    private void step() {
        List<Integer> goingOn = new ArrayList<>();
        for (int text = 0; text < active.size(); text++) {
            if (!active.get(text).advance(texts.logits(text), finished)) {
                goingOn.add(text);
            }
        }
        int[] sources = sources(goingOn);
        List<Work> next = new ArrayList<>();
        int[] ids = new int[sources.length];
        for (int i = 0; i < sources.length; i++) {
            next.add(active.get(sources[i]));
            ids[i] = next.get(i).newest();
        }
        active.clear();
        active.addAll(next);
        texts.advance(sources, ids);
    }

    /** The places of those that go on, ordered so that as few as possible change: the last ones fill the gaps. */
    static int[] sources(List<Integer> goingOn) {
        int[] sources = new int[goingOn.size()];
        Deque<Integer> beyond = new ArrayDeque<>();
        boolean[] stays = new boolean[sources.length];
        for (int place : goingOn) {
            if (place < sources.length) {
                stays[place] = true;
            } else {
                beyond.add(place);
            }
        }
        for (int i = 0; i < sources.length; i++) {
            sources[i] = stays[i] ? i : beyond.removeFirst();
        }
        return sources;
    }
}
