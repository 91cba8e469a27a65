package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.InputException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Counted words on disk, so that counting can go on where it stopped, and need not be done again for another vocabulary of
 * the same text.
 *
 * <p>Big-endian: a magic word, the key as a modified UTF-8 string, whether counting has ended, the place, sentences and
 * characters; the number of words, and for each its count, its length and its code points as integers of seven bits a byte,
 * low ones first; the CRC-32 of all that. The key is a hash of what decides the counts: files with their sizes and times,
 * normalisation, and where words end.
 */
final class CountsFile {
    private static final long MAGIC = 0x4d6f65436f756e31L; // "MoeCoun1"

    private final Path file;
    private final String key;

    CountsFile(Path file, BpeInput input, BpeConfig config) {
        this.file = file;
        this.key = key(input, config);
    }

    /**
     * What was counted.
     *
     * @param complete whether all of the text was
     * @param place where reading goes on
     * @param sentences sentences so far
     * @param characters characters of the normalised text so far
     * @param words their words
     */
    record State(boolean complete, SentenceReader.Place place, long sentences, long characters, WordCounts words) {
        static State start() {
            return new State(false, SentenceReader.Place.START, 0, 0, new WordCounts());
        }
    }

    private static String key(BpeInput input, BpeConfig config) {
        StringBuilder facts = new StringBuilder();
        facts.append(config.text()).append('\n');
        facts.append(config.pieces().splitSpaces())
                .append(' ')
                .append(config.pieces().spaceOnlyPieces());
        facts.append('\n').append(config.maxSentenceBytes()).append(' ').append(input.badRows());
        // Later Javas know more characters, and with them more rules.
        facts.append(' ').append(Runtime.version().feature()).append('\n');
        MetaPieces.of(config).forEach(piece -> facts.append(piece.text()).append('\0'));
        for (Path path : input.files()) {
            try {
                facts.append('\n').append(path).append(' ').append(Files.size(path));
                facts.append(' ').append(Files.getLastModifiedTime(path).toMillis());
            } catch (IOException failed) {
                throw new InputException(
                        InputException.Kind.ENVIRONMENT,
                        path + " cannot be read (" + failed.getMessage() + ")",
                        failed);
            }
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(facts.toString().getBytes(UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** Reads what was counted before; the beginning if there is no file. */
    State load() {
        if (!Files.exists(file)) {
            return State.start();
        }
        try (CheckedInputStream checked = new CheckedInputStream(
                        new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32());
                DataInputStream in = new DataInputStream(checked)) {
            if (in.readLong() != MAGIC) {
                throw refused("is no file of counted words; name another one with --counts");
            }
            if (!in.readUTF().equals(key)) {
                throw refused(
                        "was counted from other files, or with another normalisation or other symbols; delete it, or"
                                + " name another one with --counts");
            }
            State state = read(in, Files.size(file));
            long sum = checked.getChecksum().getValue();
            if (in.readLong() != sum) {
                throw new IOException("its checksum does not fit");
            }
            return state;
        } catch (EOFException cutOff) {
            throw damaged("it is cut off", cutOff);
        } catch (IOException failed) {
            throw damaged(String.valueOf(failed.getMessage()), failed);
        }
    }

    private InputException refused(String why) {
        return new InputException(InputException.Kind.CONFIGURATION, "--counts " + file + " " + why);
    }

    private InputException damaged(String why, IOException cause) {
        return new InputException(
                InputException.Kind.ENVIRONMENT,
                "--counts " + file + " cannot be read (" + why + "); delete it, and the text is counted again",
                cause);
    }

    /** {@code fileBytes} bounds what a damaged file can make this allocate before the checksum is known. */
    private static State read(DataInputStream in, long fileBytes) throws IOException {
        boolean complete = in.readBoolean();
        SentenceReader.Place place =
                new SentenceReader.Place(in.readInt(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
        long sentences = in.readLong();
        long characters = in.readLong();
        WordCounts words = new WordCounts();
        int[] points = new int[1 << 10];
        for (int left = in.readInt(); left > 0; left--) {
            long count = readNumber(in);
            long characterCount = readNumber(in);
            if (characterCount < 0 || characterCount > Math.min(fileBytes, Integer.MAX_VALUE - 8)) {
                throw new IOException("a word of " + characterCount + " characters");
            }
            int length = (int) characterCount;
            if (length > points.length) {
                points = new int[(int) Math.min(Integer.MAX_VALUE - 8, 2L * length)];
            }
            for (int i = 0; i < length; i++) {
                points[i] = codePoint(readNumber(in));
            }
            words.add(points, 0, length, count);
        }
        return new State(complete, place, sentences, characters, words);
    }

    private static int codePoint(long number) throws IOException {
        if (number < 0 || number > Character.MAX_CODE_POINT) {
            throw new IOException("a character " + number);
        }
        return (int) number;
    }

    /** Writes what is counted so far; the file is complete or as it was. */
    void save(State state) {
        WholeFile.replace(file, "--counts " + file, unfinished -> write(unfinished, state));
    }

    private void write(Path unfinished, State state) throws IOException {
        try (CheckedOutputStream checked = new CheckedOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(unfinished), 1 << 16), new CRC32());
                DataOutputStream out = new DataOutputStream(checked)) {
            out.writeLong(MAGIC);
            out.writeUTF(key);
            out.writeBoolean(state.complete());
            SentenceReader.Place place = state.place();
            out.writeInt(place.file());
            for (long number :
                    List.of(place.sentences(), place.longSentences(), place.reservedSentences(), place.badRows())) {
                out.writeLong(number);
            }
            out.writeLong(state.sentences());
            out.writeLong(state.characters());
            WordCounts words = state.words();
            int[] points = words.points();
            out.writeInt(words.words());
            for (int word = 0; word < words.words(); word++) {
                writeNumber(out, words.count(word));
                writeNumber(out, words.start(word + 1) - words.start(word));
                for (int i = words.start(word); i < words.start(word + 1); i++) {
                    writeNumber(out, points[i]);
                }
            }
            out.writeLong(checked.getChecksum().getValue());
        }
    }

    private static void writeNumber(DataOutputStream out, long number) throws IOException {
        long rest = number;
        while (rest > 0x7F) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static long readNumber(DataInputStream in) throws IOException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = in.readUnsignedByte();
            number |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return number;
            }
        }
        throw new IOException("a number of more than ten bytes");
    }
}
