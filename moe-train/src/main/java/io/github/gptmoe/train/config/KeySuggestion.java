package io.github.gptmoe.train.config;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The known keys that an unknown one was probably meant to be, looked for in the whole file: the same words, another
 * program's name for it, an abbreviation, one mistyped letter, a part of a name, and at last the fewest mistyped letters.
 */
final class KeySuggestion {
    private final Set<String> knownPaths;

    /**
     * Prepares suggestions.
     *
     * @param knownPaths every key from the top of the file: {@code train.optimizer.beta1} and the like
     */
    KeySuggestion(Set<String> knownPaths) {
        this.knownPaths = knownPaths;
    }

    /**
     * Looks for a key.
     *
     * @param key the unknown one, without its section
     * @param section the section it stands in; empty at the top
     * @param siblings the keys that the section has
     * @return paths from the top of the file; several only if the key fits several equally well
     */
    List<String> of(String key, String section, Collection<String> siblings) {
        KeyWords words = KeyWords.of(key);
        KeyWords bare = words.withoutCounting();
        List<String> same = matching(section, leaf -> leaf.joined().equals(words.joined()));
        if (!same.isEmpty()) {
            return same;
        }
        List<String> usual = UsualNames.pathsOf(words);
        if (!usual.isEmpty()) {
            return usual;
        }
        List<Predicate<KeyWords>> rules = List.of(
                leaf -> leaf.joined().equals(bare.joined()),
                words::abbreviates,
                bare::abbreviates,
                leaf -> NearestKey.distance(leaf.joined(), words.joined()) == 1,
                bare::ends,
                bare::begins,
                leaf -> leaf.ends(bare),
                leaf -> leaf.begins(bare));
        for (Predicate<KeyWords> rule : rules) {
            List<String> found = matching(section, rule);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return mistyped(key, section, siblings);
    }

    /** Paths whose last key fits; those in the section hide those below it, which hide the others. */
    private List<String> matching(String section, Predicate<KeyWords> rule) {
        List<String> all = knownPaths.stream()
                .filter(path -> rule.test(KeyWords.of(leaf(path))))
                .toList();
        List<String> inside = all.stream()
                .filter(path -> path.equals(join(section, leaf(path))))
                .toList();
        if (!inside.isEmpty()) {
            return inside;
        }
        List<String> below =
                all.stream().filter(path -> path.startsWith(section + ".")).toList();
        return below.isEmpty() ? all : below;
    }

    private List<String> mistyped(String key, String section, Collection<String> siblings) {
        Optional<String> near = NearestKey.to(key, siblings);
        List<String> leaves = knownPaths.stream().map(KeySuggestion::leaf).toList();
        Optional<String> anywhere = NearestKey.to(key, leaves);
        if (near.isPresent() && NearestKey.errors(key, near.get()) <= NearestKey.errors(key, anywhere.orElse(key))) {
            return List.of(join(section, near.get()));
        }
        // Far from everything: a name from another section would only confuse.
        if (anywhere.isEmpty() || NearestKey.errors(key, anywhere.get()) > key.length() / 3) {
            return near.map(name -> List.of(join(section, name))).orElse(List.of());
        }
        String leaf = anywhere.get();
        return knownPaths.stream().filter(path -> leaf(path).equals(leaf)).toList();
    }

    private static String leaf(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String join(String section, String key) {
        return section.isEmpty() ? key : section + "." + key;
    }
}
