package io.github.gptmoe.eval.lexical;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GramVocabularyTest {
    @Test
    void pairsThatOccurTwiceAreKept() {
        GramVocabulary vocabulary = new GramVocabulary(List.of("abc", "xab"), false);
        assertThat(vocabulary.size()).isEqualTo(1);
        assertThat(vocabulary.count(0)).isEqualTo(2);
        assertThat(vocabulary.encode("abab")).containsExactly(0, 0);
        assertThat(vocabulary.encode("bc")).isEmpty();
    }

    @Test
    void whiteSpaceSeparatesAndCaseIsIgnored() {
        GramVocabulary vocabulary = new GramVocabulary(List.of("AB", "ab", "a b", "a\u3000b"), false);
        assertThat(vocabulary.size()).isEqualTo(1);
        assertThat(vocabulary.count(0)).isEqualTo(2);
        assertThat(vocabulary.encode("a b\u3000aB")).containsExactly(0);
    }

    @Test
    void singleCharactersOnDemand() {
        GramVocabulary vocabulary = new GramVocabulary(List.of("ab", "ab"), true);
        assertThat(vocabulary.size()).isEqualTo(3);
        assertThat(vocabulary.encode("ab")).hasSize(3).doesNotHaveDuplicates();
        assertThat(vocabulary.encode("b a")).hasSize(2);
    }

    @Test
    void aCharacterOutsideTheBasicPlaneIsOne() {
        GramVocabulary vocabulary = new GramVocabulary(List.of("𠀀好", "𠀀好"), false);
        assertThat(vocabulary.size()).isEqualTo(1);
        assertThat(vocabulary.encode("我𠀀好")).containsExactly(0);
    }

    @Test
    void nothingIsFine() {
        assertThat(new GramVocabulary(List.of(), false).encode("任何")).isEmpty();
    }
}
