package io.github.gptmoe.cli;

import io.github.gptmoe.data.SentencePieceTokenizer;
import io.github.gptmoe.data.bpe.TokenLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code moe tokenizer decode}: lines of ids to lines of text. */
@Command(
        name = "decode",
        description = "Decodes ids, a line of text for each line.",
        footer = {"", "Example: moe tokenizer decode zh.model < ids.txt > text.txt"})
final class TokenizerDecodeCommand extends BaseCommand {

    @Mixin
    private TokenizerStreams streams = new TokenizerStreams();

    @Override
    int run() {
        try (SentencePieceTokenizer tokenizer = SentencePieceTokenizer.open(streams.model());
                TokenLines converter = new TokenLines(tokenizer, streams.threads())) {
            streams.forEach(lines -> converter.decode(lines, out()::append));
        }
        out().flush();
        return ExitCode.DONE;
    }
}
