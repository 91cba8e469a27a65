/**
 * The bridge to libtorch: fused functions written in TorchScript, typed Java methods over them, and raw tensor storage.
 *
 * <p>DJL's array API has no BF16, no fused attention, no cross entropy and only one gradient collector a process. The
 * sources in this package's resources ({@code *.py}) are put into one TorchScript archive in memory, loaded once by
 * {@link io.github.gptmoe.core.kernel.KernelModule}, and called by name. The typed classes are the entry points: {@code
 * ...Kernels} for layers, head and optimizer, {@link io.github.gptmoe.core.kernel.Autograd} and {@link
 * io.github.gptmoe.core.kernel.Precision}.
 *
 * <p>Layers come with a backward written by hand: forward returns a record of what backward reads, and backward puts weight
 * gradients straight into {@link io.github.gptmoe.core.kernel.Accumulators}. Autograd is left to what varies: routers, and
 * attention where a device brings its own.
 *
 * <p>Guarantees: this is the only package of the module that touches DJL's PyTorch engine or native memory; BF16 arrays
 * are made and read only by kernels, because DJL aborts the JVM on {@code DataType.BFLOAT16}; results are attached to the
 * scope that a method is given; no method keeps an array.
 *
 * <p>Axis letters: B batch, L length, T = B*L tokens, D width, H heads, F hidden width of the FFN, E experts, V vocabulary.
 */
@NullMarked
package io.github.gptmoe.core.kernel;

import org.jspecify.annotations.NullMarked;
