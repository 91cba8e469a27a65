package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDManager;

/**
 * That a rank's masters and its optimizer's state are in the memory of its host, and updated there (Ren et al., 2021,
 * "ZeRO-Offload: democratizing billion-scale model training", https://arxiv.org/abs/2101.06840).
 *
 * @param host manager of what is kept there
 * @param copies to and from the device; to be closed before {@code host}
 * @param portion elements, as {@link HostDivision#of(Layout, java.util.function.ToIntFunction, long)} takes them
 */
public record Offload(NDManager host, HostCopies copies, long portion) {}
