package io.github.gptmoe.core.kernel;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/** What a kernel's time depends on besides the machine and the shapes. */
public final class KernelPlatform {
    private static final int FINGERPRINT_DIGITS = 12;

    private KernelPlatform() {}

    /**
     * The threads that libtorch shares one operation among.
     *
     * @return at least 1; set by {@code OMP_NUM_THREADS}
     */
    public static int threads() {
        KernelModule.enter();
        return JniUtils.getNumThreads();
    }

    /**
     * Runs something that starts threads of its own, whose operations are to be shared among fewer threads each.
     *
     * @param <R> result type
     * @param threads threads for one operation, in the threads that are started; at least 1
     * @param work what to run
     * @return its result
     */
    public static <R> R withThreads(int threads, Supplier<R> work) {
        int before = threads();
        JniUtils.setNumThreads(threads);
        try {
            return work.get();
        } finally {
            JniUtils.setNumThreads(before);
        }
    }

    /**
     * The version of libtorch.
     *
     * @return for example {@code 2.7.1}
     */
    public static String libtorch() {
        return Engine.getEngine("PyTorch").getVersion();
    }

    /**
     * Tells versions of the attention kernels apart.
     *
     * @return the first hexadecimal digits of the SHA-256 of their source
     */
    public static String attentionFingerprint() {
        try {
            byte[] source = KernelArchive.read("attention.py").getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(source);
            return HexFormat.of().formatHex(digest).substring(0, FINGERPRINT_DIGITS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
