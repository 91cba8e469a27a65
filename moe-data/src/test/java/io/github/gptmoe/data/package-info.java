/** Tests of the data pipeline. */
package io.github.gptmoe.data;
