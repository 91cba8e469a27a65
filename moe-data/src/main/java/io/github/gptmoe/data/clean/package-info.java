/**
 * Cleaning rules for documents, after the published Chinese pipelines.
 *
 * <p>{@link io.github.gptmoe.data.clean.CleanConfig} is the configuration; each of its sections is the settings of one rule, and
 * says with {@link io.github.gptmoe.data.clean.RuleSettings#rule()} what the rule does: a pure function from text to text or to
 * nothing. {@link io.github.gptmoe.data.clean.Cleaner} applies them all to one text; it has no state, so any runner may call it
 * from any number of threads or machines. {@link io.github.gptmoe.data.clean.CleanRun}, the entry point on one machine, passes
 * over files.
 *
 * <p><b>Guarantees.</b> What becomes of a document depends on its text and the configuration alone. Cleaning is idempotent: a
 * cleaned text is cleaned to itself. Every document that a rule changes or drops is counted for that rule.
 */
@NullMarked
package io.github.gptmoe.data.clean;

import org.jspecify.annotations.NullMarked;
