/**
 * How ranks, one thread for each device, exchange arrays.
 *
 * <p>{@link io.github.gptmoe.train.collective.ProcessGroup} has the operations under the names that NCCL and
 * torch.distributed use. {@link io.github.gptmoe.train.collective.InProcessGroup} connects threads of this JVM and works on
 * the CPU; {@link io.github.gptmoe.train.collective.NcclProcessGroup} connects GPUs of one or several JVMs, whose common fate
 * is a {@link io.github.gptmoe.train.collective.FirstFailure}; {@link io.github.gptmoe.train.collective.SingleProcess} is the group of one. {@link
 * io.github.gptmoe.train.collective.ShardPlan} says which part of a flat array each rank owns; it is arithmetic only.
 *
 * <p>Guarantees: on the CPU, and for host numbers everywhere, sums are taken in the order of the ranks, whatever order threads
 * arrive in; ranks that call different operations, or none within the deadline, all fail with the same first cause, and none
 * waits for ever.
 */
@NullMarked
package io.github.gptmoe.train.collective;

import org.jspecify.annotations.NullMarked;
