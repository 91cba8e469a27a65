package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Writes the fields of one protobuf message: as much of the wire format as a SentencePiece model needs. */
final class ProtobufWriter {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtobufWriter integer(int field, int value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    ProtobufWriter bool(int field, boolean value) {
        return integer(field, value ? 1 : 0);
    }

    ProtobufWriter decimal(int field, float value) {
        tag(field, FIXED32);
        int bits = Float.floatToIntBits(value);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(bits >>> shift);
        }
        return this;
    }

    ProtobufWriter text(int field, String value) {
        return bytes(field, value.getBytes(UTF_8));
    }

    ProtobufWriter bytes(int field, byte[] value) {
        tag(field, BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    ProtobufWriter message(int field, ProtobufWriter value) {
        return bytes(field, value.toBytes());
    }

    private void tag(int field, int wireType) {
        varint((field << 3) | wireType);
    }

    /** A negative number takes ten bytes, as the format demands. */
    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
