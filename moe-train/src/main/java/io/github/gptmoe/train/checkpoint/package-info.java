/**
 * Checkpoints that survive whatever stops a run: kill -9 at any moment, a full disk, a damaged file.
 *
 * <p>The entry point is {@link io.github.gptmoe.train.checkpoint.CheckpointStore}: {@code save} writes a folder {@code
 * step-00000100} from {@link io.github.gptmoe.train.checkpoint.CheckpointPart parts} (each a safetensors file) and a
 * {@link io.github.gptmoe.train.checkpoint.CheckpointDescription}; {@code newestValid} and {@code open} give a {@link
 * io.github.gptmoe.train.checkpoint.Checkpoint} back. A trainer holds a {@link
 * io.github.gptmoe.train.checkpoint.RunLock} on its run folder for as long as it saves. Nothing here knows the model:
 * tensors are names and bytes.
 *
 * <p>Guarantees, each with a test that breaks the save at every point:
 *
 * <ul>
 *   <li>A folder has its final name only when all its bytes are on the disk and were read back. Once a checkpoint
 *       exists, there is always one that verifies, whatever happens during a save, a replacement or a purge.
 *   <li>Every byte of a checkpoint is covered by a checksum; damage is named with file and byte range and never loaded.
 *   <li>Each file carries its run and step; files of another run or step are refused even if they are sound.
 *   <li>A save that fails removes what it wrote, leaves earlier checkpoints as they are, and says that training may go
 *       on.
 *   <li>Fewer than the configured number of sound checkpoints (at least two) are never left by a purge.
 * </ul>
 *
 * <p>Failures are {@link io.github.gptmoe.train.checkpoint.CheckpointException}s whose message names the file and the
 * remedy. The files are described in {@code docs/checkpoint-format.md}.
 */
@NullMarked
package io.github.gptmoe.train.checkpoint;

import org.jspecify.annotations.NullMarked;
