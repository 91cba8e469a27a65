package io.github.gptmoe.train;

/**
 * What ties checkpoints to their run.
 *
 * @param runId random identity of the run
 * @param configHash SHA-256 of the resolved configuration
 * @param dataFingerprint fingerprint of the packed training data
 */
record RunIdentity(String runId, String configHash, String dataFingerprint) {}
