package io.github.gptmoe.cli;

import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.bpe.TokenLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe tokenizer encode}: lines of text to lines of tokens. */
@Command(
        name = "encode",
        description = "Encodes text, a line of ids for each line.",
        footer = {"", "Example: moe tokenizer encode zh.model < text.txt > ids.txt"})
final class TokenizerEncodeCommand extends BaseCommand {

    @Mixin
    private TokenizerStreams streams = new TokenizerStreams();

    @Option(names = "--pieces", description = "Write pieces, U+2581 for spaces, instead of ids.")
    private boolean pieces;

    @Override
    int run() {
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(streams.model());
                TokenLines converter = new TokenLines(tokenizer, streams.threads())) {
            TokenLines.Form form = pieces ? TokenLines.Form.PIECES : TokenLines.Form.IDS;
            streams.forEach(lines -> converter.encode(lines, form, out()::append));
        }
        out().flush();
        return ExitCode.DONE;
    }
}
