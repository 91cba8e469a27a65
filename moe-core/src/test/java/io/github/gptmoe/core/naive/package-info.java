/** The model once more, as plain float64 loops: slow, obvious, and independent of the code under test. */
package io.github.gptmoe.core.naive;
