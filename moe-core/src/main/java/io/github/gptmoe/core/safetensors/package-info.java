/**
 * Reading and writing tensors in the safetensors format: a length, a JSON header, and the raw little-endian bytes.
 *
 * <p>Reading starts at {@link io.github.gptmoe.core.safetensors.SafetensorsFile#open}, which checks every rule of the
 * format before it hands out anything, and then reads or maps the bytes of one tensor at a time. {@link
 * io.github.gptmoe.core.safetensors.TensorFiles} finds a tensor by name in one file or in several with an index ({@link
 * io.github.gptmoe.core.safetensors.ShardIndex}); {@link io.github.gptmoe.core.safetensors.ShardSplit} makes several of one
 * list. Writing starts at
 * {@link io.github.gptmoe.core.safetensors.SafetensorsWriter#write}; tensors push their own bytes through a
 * {@link io.github.gptmoe.core.safetensors.ByteSink}, so a tensor never has to exist twice in memory.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>Files and tensors beyond 2 GiB work: offsets are 64-bit and a large tensor comes as several mapped slices.
 *   <li>A malformed file gives a {@link io.github.gptmoe.core.safetensors.SafetensorsException} that names the file, the
 *       tensor and the broken rule, never another exception. The header is read as a stream, so a file that lies about
 *       its sizes costs no memory.
 *   <li>When a write returns, the bytes are on the disk (the file is synced). When it fails, no file is left behind.
 *   <li>No engine type occurs here: values are bytes, their meaning is {@link
 *       io.github.gptmoe.core.safetensors.SafetensorType}.
 * </ul>
 *
 * <p>The format: <a href="https://github.com/huggingface/safetensors#format">huggingface/safetensors</a>.
 */
@NullMarked
package io.github.gptmoe.core.safetensors;

import org.jspecify.annotations.NullMarked;
