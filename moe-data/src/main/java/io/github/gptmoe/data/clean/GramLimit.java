package io.github.gptmoe.data.clean;

import java.io.Serializable;

/**
 * How much of a text may be repeated n-grams of one length.
 *
 * @param length n, in units: a Chinese character or a run of other letters and digits
 * @param share the largest share of the characters of all units
 */
public record GramLimit(int length, double share) implements Serializable {}
