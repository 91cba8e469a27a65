package io.github.gptmoe.core.safetensors;

import java.util.List;
import java.util.Map;

/**
 * A header that keeps all rules.
 *
 * @param metadata free text pairs
 * @param entries tensors in the order of their bytes
 * @param dataStart file position of the data section
 */
record Header(Map<String, String> metadata, List<TensorEntry> entries, long dataStart) {
    /** Longest header in bytes that readers of the format accept. */
    static final long MAX_HEADER_BYTES = 100_000_000L;

    /** Bytes in front of the header: its length as an unsigned little-endian 64-bit number. */
    static final int LENGTH_BYTES = Long.BYTES;

    /** Not a rule of the format, but no real tensor has more, and it bounds the memory that a hostile shape takes. */
    static final int MAX_DIMENSIONS = 64;

    static final String METADATA_KEY = "__metadata__";
}
