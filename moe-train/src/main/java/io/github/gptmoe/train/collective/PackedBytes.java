package io.github.gptmoe.train.collective;

/** Bytes as whole numbers that FP64 has exactly, for ranks that exchange host numbers: six bytes each. */
final class PackedBytes {
    private static final int EACH = 6;

    private PackedBytes() {}

    /** How many numbers some bytes become. */
    static int numbers(int bytes) {
        return (bytes + EACH - 1) / EACH;
    }

    /** The bytes as so many numbers, at least {@link #numbers}; the rest are 0. */
    static double[] pack(byte[] bytes, int numbers) {
        long[] packed = new long[numbers];
        for (int i = 0; i < bytes.length; i++) {
            packed[i / EACH] |= (bytes[i] & 0xffL) << (Byte.SIZE * (i % EACH));
        }
        double[] result = new double[numbers];
        for (int i = 0; i < numbers; i++) {
            result[i] = packed[i];
        }
        return result;
    }

    /** So many bytes of numbers that begin at {@code from}. */
    static byte[] unpack(double[] numbers, int from, int bytes) {
        byte[] result = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            result[i] = (byte) ((long) numbers[from + i / EACH] >> (Byte.SIZE * (i % EACH)));
        }
        return result;
    }
}
