package io.github.gptmoe.train;

import java.util.Map;

/**
 * What ties checkpoints to their run.
 *
 * @param runId random identity of the run
 * @param configHash SHA-256 of the resolved configuration
 * @param dataFingerprint fingerprint of the packed training data
 * @param versions what made the checkpoint: Java, DJL, tokenizer fingerprint
 */
record RunIdentity(String runId, String configHash, String dataFingerprint, Map<String, String> versions) {}
