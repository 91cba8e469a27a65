package io.github.gptmoe.data.plant;

/**
 * A planted document.
 *
 * @param file its file below the planted corpus
 * @param line its line, from 1
 * @param kind what is wrong with it
 * @param similarity Jaccard similarity to the document it is a copy of; 0 for other kinds
 * @param original the text before the fault; empty for copies
 */
public record Fault(String file, long line, FaultKind kind, double similarity, String original) {}
