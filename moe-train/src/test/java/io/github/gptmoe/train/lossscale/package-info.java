/** Tests of loss scaling. */
package io.github.gptmoe.train.lossscale;
