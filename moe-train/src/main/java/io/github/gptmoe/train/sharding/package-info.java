/**
 * How weights, gradients and the optimizer's work are divided over ranks.
 *
 * <p>{@link io.github.gptmoe.train.sharding.Layout} is arithmetic: which parameters stand in which flat {@link
 * io.github.gptmoe.train.sharding.Bucket}, and which part of it each rank owns. {@link io.github.gptmoe.train.sharding.RankState}
 * has the arrays. How gradients come together is one class a variant. {@code HostShards} has what is updated on the host, {@link
 * io.github.gptmoe.train.sharding.HostDivision} says in which portions, {@link io.github.gptmoe.train.sharding.HostCopies} brings
 * them there and back.
 */
@NullMarked
package io.github.gptmoe.train.sharding;

import org.jspecify.annotations.NullMarked;
