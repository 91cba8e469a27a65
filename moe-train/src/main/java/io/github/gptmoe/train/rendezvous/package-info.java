/**
 * How the JVMs of one training run find each other, agree, and learn of each other's failures.
 *
 * <p>{@link io.github.gptmoe.train.rendezvous.RankEnvironment} reads what torchrun, Slurm or Kubeflow put into the
 * environment; {@link io.github.gptmoe.train.rendezvous.Rendezvous#join} connects every process with process 0, compares world
 * size, configuration and data, and returns a {@link io.github.gptmoe.train.rendezvous.World}: the ranks of all processes and
 * the id under which NCCL meets. {@link io.github.gptmoe.train.rendezvous.World#settle} lets process 0 decide something for all
 * before training, in words. Arrays never travel here; that is what {@code train.collective} does.
 *
 * <p>Guarantees: nothing waits for ever, except for a process that lives and works; lengths that come from the network are bounded before anything is allocated; a
 * process that fails, dies or falls silent makes the {@link io.github.gptmoe.train.collective.FirstFailure} of all others say
 * so within {@link io.github.gptmoe.train.rendezvous.RendezvousTiming#silence}.
 */
@NullMarked
package io.github.gptmoe.train.rendezvous;

import org.jspecify.annotations.NullMarked;
