package io.github.gptmoe.spark;

/** How outputs lie in files. */
enum Format {
    /** JSON Lines, compressed as the input is. */
    JSONL,
    /** Parquet with the column {@code text}. */
    PARQUET
}
