package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.PromptSegment;
import io.github.gptmoe.data.task.SegmentKind;
import java.util.ArrayList;
import java.util.List;

/**
 * The masked-language-model term of the article on a decoder. A masked label is to be predicted from all the rest of the text.
 *
 * <ul>
 *   <li>Label last: a decoder predicts it from all the rest as it is, so the example stays.
 *   <li>Label before other text: two examples. In one the label stands in its place as if it were given, so the text behind it is
 *       learnt under the label: what a rule over the whole text compares. In the other the mask {@value #MASK} stands in its
 *       place, and the label follows the text behind another mask, as in causal masking (Aghajanyan et al. 2022, CM3; Donahue et
 *       al. 2020, Enabling Language Models to Fill in the Blanks).
 * </ul>
 */
final class MaskedLabel {
    /** A blank, as people write it in a form. */
    static final String MASK = "____";

    private MaskedLabel() {}

    /**
     * What is trained on.
     *
     * @param segments an example with exactly one label
     * @return one or two examples
     */
    static List<List<PromptSegment>> forms(List<PromptSegment> segments) {
        int last = segments.size() - 1;
        if (segments.get(last).kind() == SegmentKind.LABEL) {
            return List.of(segments);
        }
        List<PromptSegment> given = new ArrayList<>();
        List<PromptSegment> masked = new ArrayList<>();
        List<PromptSegment> behind = new ArrayList<>();
        behind.add(new PromptSegment(SegmentKind.PROMPT, MASK));
        for (PromptSegment segment : segments) {
            if (segment.kind() == SegmentKind.LABEL) {
                given.add(new PromptSegment(SegmentKind.PROMPT, segment.text()));
                masked.add(new PromptSegment(SegmentKind.PROMPT, MASK));
                behind.add(segment);
            } else {
                given.add(segment);
                masked.add(segment);
            }
        }
        masked.addAll(behind);
        return List.of(given, masked);
    }
}
