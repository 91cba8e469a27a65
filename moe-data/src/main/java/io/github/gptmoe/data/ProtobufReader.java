package io.github.gptmoe.data;

import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the fields of one protobuf message from a byte range: as much of the wire format as a SentencePiece model needs.
 * Every length is checked against the range before it is used.
 */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int WIRE_TYPE_BITS = 3;

    private final byte[] data;
    private final int end;
    private int at;
    private int field;
    private int wireType;

    ProtobufReader(byte[] data) {
        this(data, 0, data.length);
    }

    private ProtobufReader(byte[] data, int start, int end) {
        this.data = data;
        this.at = start;
        this.end = end;
    }

    /** Moves to the next field, whose value must then be read or skipped; false at the end of the message. */
    boolean next() throws IOException {
        if (at == end) {
            return false;
        }
        long tag = readVarint();
        wireType = (int) (tag & (1 << WIRE_TYPE_BITS) - 1);
        long number = tag >>> WIRE_TYPE_BITS;
        if (number == 0 || number >= 1 << 29) {
            throw damaged("field number " + number);
        }
        field = (int) number;
        return true;
    }

    int field() {
        return field;
    }

    /** Index of the first byte after what was read. */
    int position() {
        return at;
    }

    ProtobufReader message() throws IOException {
        int length = lengthOfBytes();
        at += length;
        return new ProtobufReader(data, at - length, at);
    }

    byte[] bytes() throws IOException {
        int length = lengthOfBytes();
        at += length;
        return Arrays.copyOfRange(data, at - length, at);
    }

    int integer() throws IOException {
        expect(VARINT);
        return (int) readVarint();
    }

    boolean bool() throws IOException {
        expect(VARINT);
        return readVarint() != 0;
    }

    float decimal() throws IOException {
        expect(FIXED32);
        advance(Integer.BYTES);
        int bits = 0;
        for (int i = 1; i <= Integer.BYTES; i++) {
            bits = (bits << Byte.SIZE) | (data[at - i] & 0xFF);
        }
        return Float.intBitsToFloat(bits);
    }

    void skip() throws IOException {
        switch (wireType) {
            case VARINT -> readVarint();
            case FIXED64 -> advance(Long.BYTES);
            case BYTES -> advance(lengthOfBytes());
            case FIXED32 -> advance(Integer.BYTES);
            default -> throw damaged("wire type " + wireType);
        }
    }

    private void advance(int count) throws IOException {
        if (count > end - at) {
            throw damaged("a value of " + count + " bytes that runs past the end");
        }
        at += count;
    }

    private int lengthOfBytes() throws IOException {
        expect(BYTES);
        long length = readVarint();
        if (length < 0 || length > end - at) {
            throw damaged("a length of " + Long.toUnsignedString(length) + " that runs past the end");
        }
        return (int) length;
    }

    private long readVarint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw damaged("an integer that is cut off");
            }
            byte next = data[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("an integer of more than ten bytes");
    }

    private void expect(int wanted) throws IOException {
        if (wireType != wanted) {
            throw damaged("field " + field + " with wire type " + wireType + " instead of " + wanted);
        }
    }

    private IOException damaged(String what) {
        return new IOException(what + " at byte " + at);
    }
}
