package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** From tokenised files to the packed corpus: the streams and their description. */
final class Mixing {
    private static final int DOCUMENTS_BETWEEN_PROGRESS = 1 << 12;

    private final PackConfig config;
    private final PackInputs inputs;
    private final Tokenizer tokenizer;
    private final long maxShardBytes;
    private final PackProgress progress;
    private final int tokenBytes;

    Mixing(PackConfig config, PackInputs inputs, Tokenizer tokenizer, long maxShardBytes, PackProgress progress) {
        this.config = config;
        this.inputs = inputs;
        this.tokenizer = tokenizer;
        this.maxShardBytes = maxShardBytes;
        this.progress = progress;
        this.tokenBytes = tokenizer.vocabularySize() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
    }

    /** Bytes of a token, in parts and shards. */
    int tokenBytes() {
        return tokenBytes;
    }

    /** Writes the shards and, last, their description into an empty folder. */
    PackManifest write(Path stage, List<List<TokenPart>> parts, List<TokenPart> validationParts) throws IOException {
        double fraction = inputs.validation().isEmpty() ? config.validationFraction() : 0;
        List<SourceTokens> sources = new ArrayList<>();
        for (List<TokenPart> ofSource : parts) {
            sources.add(new SourceTokens(mapped(ofSource), fraction));
        }
        SourceTokens held = new SourceTokens(mapped(validationParts), 1);
        requireText(sources, parts, held);
        MixPlan plan = MixPlan.of(
                config.sources(),
                sources.stream().map(source -> source.train().tokens()).toList(),
                config.tokens());
        requireSpace(stage, plan);
        List<String> names = config.sources().stream().map(PackSource::name).toList();
        Mixture mixture = new Mixture(names, sources, plan, config.seed());
        int end = tokenizer.endOfDocument();
        try (SplitWriter train = writer(stage, TokenShards.TRAIN);
                SplitWriter kept = writer(stage, TokenShards.VALIDATION)) {
            while (mixture.appendNext(train, end)) {
                if (train.documents() % DOCUMENTS_BETWEEN_PROGRESS == 0) {
                    progress.packed(train.documents(), train.textBytes(), train.tokens(), 0.99);
                }
            }
            for (SourceTokens source : sources) {
                appendHeld(source, kept, end);
            }
            appendHeld(held, kept, end);
            PackManifest.Stream trainStream = stream(TokenShards.TRAIN, train);
            PackManifest.Stream heldStream = stream(TokenShards.VALIDATION, kept);
            PackManifest manifest = manifest(
                            described(parts, sources, plan, mixture),
                            PackManifest.Rows.of(rows(parts).plus(totals(validationParts))),
                            trainStream,
                            heldStream)
                    .signed();
            PackJson.write(stage.resolve(PackManifest.FILE), manifest);
            progress.packed(
                    train.documents() + kept.documents(),
                    train.textBytes() + kept.textBytes(),
                    train.tokens() + kept.tokens(),
                    1);
            return manifest;
        }
    }

    private List<PartTokens> mapped(List<TokenPart> parts) throws IOException {
        List<PartTokens> mapped = new ArrayList<>();
        for (TokenPart part : parts) {
            mapped.add(new PartTokens(part, tokenBytes));
        }
        return mapped;
    }

    private SplitWriter writer(Path stage, String name) throws IOException {
        return new SplitWriter(stage, name, tokenBytes, maxShardBytes);
    }

    private static void appendHeld(SourceTokens source, SplitWriter writer, int endOfDocument) throws IOException {
        for (long document = 0; document < source.documents(); document++) {
            if (source.inValidation(document)) {
                writer.append(source.document(document), endOfDocument);
            }
        }
    }

    private void requireText(List<SourceTokens> sources, List<List<TokenPart>> parts, SourceTokens held) {
        long heldDocuments = held.documents();
        for (int i = 0; i < sources.size(); i++) {
            SourceTokens source = sources.get(i);
            heldDocuments += source.validation().documents();
            if (source.documents() == 0) {
                RowCounts.Totals rows = totals(parts.get(i));
                throw InputException.environment("source "
                        + config.sources().get(i).name()
                        + " has no documents (" + rows.rows() + " rows read, " + rows.bad() + " bad, " + rows.empty()
                        + " empty); name files with text");
            }
            if (source.train().documents() == 0) {
                throw InputException.configuration("validationFraction " + config.validationFraction() + " takes all "
                        + source.documents() + " documents of source "
                        + config.sources().get(i).name() + "; lower it, add text, or name files in validation");
            }
        }
        if (heldDocuments == 0) {
            throw inputs.validation().isEmpty()
                    ? InputException.configuration("validationFraction " + config.validationFraction()
                            + " leaves the validation set without any document; raise it, add text, or name files in"
                            + " validation")
                    : InputException.environment("The files of validation hold no documents: "
                            + String.join(", ", config.validation()) + "; name files with text");
        }
    }

    /** A mixture may be of any length, and a disk that is full harms others too. */
    private void requireSpace(Path stage, MixPlan plan) throws IOException {
        double needed = tokenBytes
                * plan.targets().stream().mapToDouble(Long::doubleValue).sum();
        long usable = Files.getFileStore(stage).getUsableSpace();
        // Some file systems say nothing, which reads 0.
        if (usable > 0 && needed > usable) {
            throw InputException.environment(String.format(
                    Locale.ROOT,
                    "the mixture takes %.1f GB on the disk of %s, which has %.1f GB left; give a smaller number of tokens or"
                            + " epochs, or free space (the tokenised text is kept)",
                    needed / 1e9,
                    stage,
                    usable / 1e9));
        }
    }

    private static RowCounts.Totals totals(List<TokenPart> parts) {
        return parts.stream().map(part -> part.meta().rows()).reduce(RowCounts.Totals.NONE, RowCounts.Totals::plus);
    }

    private static RowCounts.Totals rows(List<List<TokenPart>> parts) {
        return parts.stream().map(Mixing::totals).reduce(RowCounts.Totals.NONE, RowCounts.Totals::plus);
    }

    private List<PackManifest.Source> described(
            List<List<TokenPart>> parts, List<SourceTokens> sources, MixPlan plan, Mixture mixture) {
        List<PackManifest.Source> described = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            PackSource source = config.sources().get(i);
            SourceTokens tokens = sources.get(i);
            described.add(new PackManifest.Source(
                    source.name(),
                    source.weight(),
                    source.epochs(),
                    PackInputs.listed(inputs.sources().get(i)),
                    PackManifest.Rows.of(totals(parts.get(i))),
                    tokens.train().documents(),
                    tokens.train().tokens(),
                    tokens.validation().documents(),
                    tokens.validation().tokens(),
                    plan.targets().get(i),
                    mixture.taken(i).documents(),
                    mixture.taken(i).tokens()));
        }
        return List.copyOf(described);
    }

    private static PackManifest.Stream stream(String name, SplitWriter writer) throws IOException {
        CorpusMeta.Split split = writer.finish();
        List<PackManifest.Shard> shards = new ArrayList<>();
        for (int i = 0; i < split.shardTokens().size(); i++) {
            shards.add(new PackManifest.Shard(
                    CorpusMeta.shardName(name, i),
                    split.shardTokens().get(i) * writer.tokenBytes(),
                    writer.shardChecksums().get(i)));
        }
        return new PackManifest.Stream(
                split.documents(),
                split.tokens(),
                split.textBytes(),
                split.textCharacters(),
                split.sha256(),
                List.copyOf(shards),
                new PackManifest.Shard(
                        CorpusMeta.indexName(name), split.documents() * Long.BYTES, writer.indexChecksum()));
    }

    private PackManifest manifest(
            List<PackManifest.Source> sources,
            PackManifest.Rows rows,
            PackManifest.Stream train,
            PackManifest.Stream heldStream) {
        return new PackManifest(
                PackManifest.FORMAT_VERSION,
                "",
                tokenizerOf(),
                settings(),
                sources,
                PackInputs.listed(inputs.validation()),
                rows,
                tokenBytes,
                train,
                heldStream);
    }

    /** A hash over what is asked for. */
    String request() {
        List<PackManifest.Request> requests = new ArrayList<>();
        for (int i = 0; i < inputs.sources().size(); i++) {
            PackSource source = config.sources().get(i);
            requests.add(new PackManifest.Request(
                    source.name(),
                    source.weight(),
                    source.epochs(),
                    PackInputs.listed(inputs.sources().get(i))));
        }
        return PackManifest.requestOf(tokenizerOf(), settings(), requests, PackInputs.listed(inputs.validation()));
    }

    private PackManifest.TokenizerOf tokenizerOf() {
        return new PackManifest.TokenizerOf(
                config.tokenizer().replace('\\', '/'),
                tokenizer.fingerprint(),
                tokenizer.vocabularySize(),
                tokenizer.endOfDocument());
    }

    private PackManifest.Settings settings() {
        return new PackManifest.Settings(
                config.tokens(),
                inputs.validation().isEmpty() ? config.validationFraction() : null,
                config.seed(),
                config.badRows(),
                config.maxBadShare(),
                config.longRows(),
                config.maxRowBytes());
    }
}
