/**
 * Tasks for other programs.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.eval.export.HarnessExport} writes task files as configurations of
 * lm-evaluation-harness (v0.4 and later), a file a pattern and a group over all.
 * {@link io.github.gptmoe.eval.export.HarnessTemplates} has the Jinja templates of one pattern.
 *
 * <p><b>Guarantees.</b> What a template gives for a row is what {@link io.github.gptmoe.data.task.PromptEncoder} fills in for a
 * text that fits: what stands before the label, then each label with what stands after it.
 */
@NullMarked
package io.github.gptmoe.eval.export;

import org.jspecify.annotations.NullMarked;
