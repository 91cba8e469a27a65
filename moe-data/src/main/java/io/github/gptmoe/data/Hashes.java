package io.github.gptmoe.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.Checksum;

/** The two hashes of this package: SHA-256 for identity, a fast 64-bit one for choosing documents. */
public final class Hashes {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private Hashes() {}

    /**
     * Begins a SHA-256.
     *
     * @return an empty digest
     */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /**
     * The SHA-256 of bytes.
     *
     * @param bytes any
     * @return 64 hexadecimal digits
     */
    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** SHA-256 of a file's content. */
    static String sha256(Path file) throws IOException {
        MessageDigest whole = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                whole.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(whole.digest());
    }

    /** A 32-bit checksum as eight hexadecimal digits. */
    static String text(Checksum checksum) {
        return HexFormat.of().toHexDigits((int) checksum.getValue());
    }

    /** FNV-1a over the bytes, then a bijective mix, because the high bits of bare FNV-1a of short texts are poor. */
    static long hash64(byte[] bytes) {
        long hash = FNV_OFFSET;
        for (byte value : bytes) {
            hash = (hash ^ (value & 0xFF)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /**
     * The finalizer of SplitMix64: a bijection of the longs in which every input bit moves every output bit.
     *
     * @param value any
     * @return its image
     */
    public static long mix(long value) {
        long mixed = value;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
