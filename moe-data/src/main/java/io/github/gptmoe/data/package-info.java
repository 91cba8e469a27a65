/**
 * From text files to training batches.
 *
 * <p><b>The path of a document.</b> {@link io.github.gptmoe.data.DataConfig} names the files.
 * {@link io.github.gptmoe.data.DocumentReader} streams them as {@link io.github.gptmoe.data.Document}s: strict UTF-8, one
 * document a line, lines ended by LF alone. {@link io.github.gptmoe.data.CorpusPacker}, the entry point, turns each into
 * token ids with a {@link io.github.gptmoe.data.Tokenizer}, appends the end-of-document id and writes one long stream
 * into shard files under a cache folder, once; later runs find them there. {@link io.github.gptmoe.data.TokenShards}
 * maps the stream into memory, {@link io.github.gptmoe.data.SampleOrder} shuffles its windows and
 * {@link io.github.gptmoe.data.BatchSource} cuts {@link io.github.gptmoe.data.TokenBatch}es out of it.
 * {@link io.github.gptmoe.data.CountingBaselines} says what a model that only counts would reach on the same stream.
 * {@link io.github.gptmoe.data.TrainingData} is all of this to a run; it can also tokenise on the way, without shards.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>The same files, tokenizer and settings give the same shard bytes, whatever the number of threads.
 *   <li>A batch is a pure function of (stream, sequence length, seed, sample number): the whole state of the data
 *       pipeline is one long, the {@link io.github.gptmoe.data.DataCursor}; tokenising on the way adds where in the text
 *       it lies.
 *   <li>Nothing half-written is ever read: a corpus is built in a temporary folder, forced to disk and renamed.
 *   <li>Whether a document belongs to the validation set depends on its text only, not on its file or position.
 *   <li>What a user must repair is an {@link io.github.gptmoe.data.InputException} that names the file, the line and the
 *       remedy.
 * </ul>
 *
 * <p><b>Axis letters.</b> B sequences of a batch, L tokens of a sequence, V vocabulary. Batches are row-major (B, L).
 */
@NullMarked
package io.github.gptmoe.data;

import org.jspecify.annotations.NullMarked;
