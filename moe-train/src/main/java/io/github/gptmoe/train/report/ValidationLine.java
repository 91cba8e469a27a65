package io.github.gptmoe.train.report;

/**
 * One evaluation in {@code metrics.jsonl}.
 *
 * @param step optimizer step after which it was made
 * @param validationLoss mean next-token negative log-likelihood on the validation set, nats a token
 * @param perplexity exp of it
 * @param bitsPerByte bits for each byte of the validation text, comparable between tokenizers
 */
public record ValidationLine(long step, double validationLoss, double perplexity, double bitsPerByte) {}
