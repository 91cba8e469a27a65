/**
 * Tasks as data: what a task file says, the rows of its splits, and how a row becomes a prompt.
 *
 * <p><b>Entry points.</b> A {@link io.github.gptmoe.data.task.Task} is what a YAML file in {@code configs/tasks} says (the
 * loader is in moe-train, beside that of configurations). {@link io.github.gptmoe.data.task.TaskReader} reads a split.
 * {@link io.github.gptmoe.data.task.PromptEncoder} fills a {@link io.github.gptmoe.data.task.TaskPattern}: as text for
 * people, as typed segments for training, as token ids for scoring. {@link io.github.gptmoe.data.task.FewShot} draws
 * examples, {@link io.github.gptmoe.data.task.TaskSubmission} writes rows of a submission.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>Nothing is dropped silently: a row that cannot be used is an {@link io.github.gptmoe.data.InputException} that names
 *       file and line; characters cut from long texts and examples left out are counted in the
 *       {@link io.github.gptmoe.data.task.ScoringPrompt}.
 *   <li>What stands before and after the label, as text and as tokens, does not depend on which label stands there.
 *   <li>Nothing here has state: the same row, pattern, tokenizer and seed give the same ids.
 * </ul>
 */
@NullMarked
package io.github.gptmoe.data.task;

import org.jspecify.annotations.NullMarked;
