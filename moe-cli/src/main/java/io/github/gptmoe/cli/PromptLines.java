package io.github.gptmoe.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prompts from a file or standard input: UTF-8, one a line. Lines end with LF or CR LF, the last one also without. */
final class PromptLines {
    private static final String STANDARD_INPUT = "-";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private PromptLines() {}

    /** Reads them; an empty line is an empty prompt. */
    static List<String> read(String file) {
        String name = file.equals(STANDARD_INPUT) ? "standard input" : file;
        String text = decode(name, bytes(file, name));
        if (text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        if (text.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION, name + " has no prompts; write one on each line");
        }
        List<String> prompts = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int feed = text.indexOf('\n', start);
            int end = feed < 0 ? text.length() : feed;
            boolean carriageReturn = end > start && text.charAt(end - 1) == '\r';
            prompts.add(text.substring(start, carriageReturn ? end - 1 : end));
            start = end + 1;
        }
        return prompts;
    }

    private static byte[] bytes(String file, String name) {
        try {
            return file.equals(STANDARD_INPUT) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "the prompts cannot be read from " + name + ": " + unreadable
                            + "; give --prompts a readable file, or - for standard input",
                    unreadable);
        }
    }

    private static String decode(String name, byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    name + " is not UTF-8; convert it, for example with iconv -f GB18030 -t UTF-8",
                    notUtf8);
        }
    }
}
