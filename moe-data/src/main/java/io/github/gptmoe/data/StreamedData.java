package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data that is tokenised while the run needs it: nothing is tokenised before but the validation text.
 *
 * <pre>
 * files -> blocks of fixed bytes, shuffled anew every epoch      TextBlocks, StreamOrder
 * groups of blocks -> tokens, by threads, the next group ahead   BlockReader, BlockTokens
 * tokens -> windows of L, shuffled within the group              SampleGroup
 * </pre>
 *
 * <p>What a sample is depends on files, tokenizer, seed, L and its number only, and each is tokenised once for all ranks, unless it
 * is asked for again after millions of other tokens. Which group a number lies in is known once the groups before it have been
 * made; a checkpoint has the {@link StreamPosition} of its group, so that going on from there costs two groups.
 *
 * <p>Memory: the tokens of {@link StreamSettings#heldTokens}, or of two groups if these are more, the two groups that are being
 * made and the validation; some numbers for each file; nothing that grows with the text. A document always is in one piece.
 */
final class StreamedData implements TrainingData {
    private static final Logger LOGGER = LoggerFactory.getLogger(StreamedData.class);

    private final String fingerprint;
    private final List<Path> files;
    private final StreamOrder order;
    private final BlockTokens blocks;
    private final HeldTokens validation;
    private final int length;
    private final long heldTokens;
    private final Object making = new Object();
    /** Guarded by {@code making}. */
    private @Nullable InputException tooShort;

    private volatile GroupTable table;

    private StreamedData(
            String fingerprint,
            List<Path> files,
            StreamOrder order,
            BlockTokens blocks,
            HeldTokens validation,
            int length,
            long heldTokens) {
        this.fingerprint = fingerprint;
        this.files = files;
        this.order = order;
        this.blocks = blocks;
        this.validation = validation;
        this.length = length;
        this.heldTokens = heldTokens;
        this.table = new GroupTable(StreamPosition.START, heldTokens);
    }

    static StreamedData open(DataConfig config, Tokenizer tokenizer, DataRequest request, StreamSettings settings) {
        config.requireValid();
        List<Path> train = CorpusFiles.resolve(TokenShards.TRAIN, config.train());
        List<Path> validation = CorpusFiles.resolve(TokenShards.VALIDATION, config.validation());
        CorpusFiles.requireDisjoint(train, validation);
        TextBlocks blocks = new TextBlocks(train, settings.blockBytes());
        if (blocks.count() == 0) {
            throw InputException.environment(
                    "The files of data.train are empty: " + HeldTokens.named(train) + "; name files with text");
        }
        double fraction = validation.isEmpty() ? config.validationFraction() : 0;
        HeldTokens held = HeldTokens.ofValidation(
                validation.isEmpty() ? train : validation,
                config,
                validation.isEmpty() ? fraction : 1,
                tokenizer,
                request.validationSequences() * (long) request.sequenceLength() + 1);
        BatchSource.requireSequence(held, request.sequenceLength());
        StreamOrder order = new StreamOrder(request.seed(), blocks.count(), settings.blocksPerGroup());
        LOGGER.info(
                "Streaming {} files in {} groups of {} blocks an epoch",
                train.size(),
                order.groupsPerEpoch(),
                settings.blocksPerGroup());
        BlockReader reader =
                new BlockReader(new RowCounts(BadRows.of(config.badRows())), DocumentReader.MAX_LINE_BYTES);
        return new StreamedData(
                StreamKey.of(config, train, validation, tokenizer, settings),
                train,
                order,
                new BlockTokens(blocks, order, reader, tokenizer, fraction, settings.threads()),
                held,
                request.sequenceLength(),
                settings.heldTokens());
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void resume(long sample, Map<String, String> state) {
        table = new GroupTable(StreamPosition.of(sample, state, order.seed()), heldTokens);
    }

    @Override
    public Map<String, String> state(long sample) {
        return table.begin(sample).state(order.seed());
    }

    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        if (firstSample < 0 || sequences < 1) {
            throw new IllegalArgumentException(sequences + " samples from " + firstSample);
        }
        int size = Math.multiplyExact(sequences, length);
        long[] inputs = new long[size];
        long[] targets = new long[size];
        for (int row = 0; row < sequences; row++) {
            group(firstSample + row).copy(firstSample + row, inputs, targets, row * length);
        }
        return new TokenBatch(firstSample, sequences, length, inputs, targets);
    }

    private SampleGroup group(long sample) {
        SampleGroup held = table.holding(sample);
        return held != null ? held : made(sample);
    }

    /** Whoever comes first makes groups up to a sample's; the others, who need it too, wait. */
    private SampleGroup made(long sample) {
        synchronized (making) {
            if (tooShort != null) {
                throw tooShort; // for all that ask: groups made before the failure would let a later request go on
            }
            long without = 0;
            while (true) {
                SampleGroup held = table.holding(sample);
                if (held != null) {
                    return held;
                }
                StreamPosition next = table.missing(sample);
                SampleGroup made = SampleGroup.of(next, tokens(next), length, order.seed());
                without = made.windows() > 0 ? 0 : without + 1;
                if (without > order.groupsPerEpoch()) {
                    tooShort = tooShort(made.tokens().length * order.groupsPerEpoch() / without);
                    throw tooShort;
                }
                table.add(made);
            }
        }
    }

    private int[] tokens(StreamPosition position) {
        int[] carried = last(position.group() - 1, position.carried());
        int[] own = blocks.of(position.group(), table.isFrontier(position));
        int[] all = Arrays.copyOf(carried, Math.addExact(carried.length, own.length));
        System.arraycopy(own, 0, all, carried.length, own.length);
        return all;
    }

    /** The last tokens up to a group: of the group before, which is held, or, where a run goes on, tokenised again. */
    private int[] last(long group, int count) {
        int[] tokens = new int[count];
        int missing = count;
        for (long earlier = group; missing > 0; earlier--) {
            SampleGroup held = table.held(earlier);
            int[] some = held != null ? held.tokens() : blocks.of(earlier, false);
            int taken = Math.min(missing, some.length);
            System.arraycopy(some, some.length - taken, tokens, missing - taken, taken);
            missing -= taken;
        }
        return tokens;
    }

    private InputException tooShort(long tokens) {
        return InputException.environment("The training text of " + HeldTokens.named(files) + " has only about "
                + tokens + " tokens, but one sequence needs " + (length + 1L)
                + "; add text or lower model.sequenceLength");
    }

    @Override
    public TokenStream validation() {
        return validation;
    }

    @Override
    public Optional<CountingBaselines> baselines(int vocabulary) {
        return Optional.empty();
    }

    /** Tokens of groups that are kept. */
    long tokensHeld() {
        return table.heldTokens();
    }

    @Override
    public void close() {
        blocks.close();
    }
}
