package io.github.gptmoe.data.task;

/**
 * A piece of a filled-in prompt.
 *
 * @param kind what it is
 * @param text its text, not empty
 */
public record PromptSegment(SegmentKind kind, String text) {}
