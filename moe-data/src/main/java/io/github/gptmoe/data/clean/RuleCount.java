package io.github.gptmoe.data.clean;

import java.io.Serializable;

/**
 * What a rule did.
 *
 * @param changed documents that it changed, those that were dropped later too
 * @param dropped documents that it dropped
 */
public record RuleCount(long changed, long dropped) implements Serializable {
    RuleCount plus(RuleCount other) {
        return new RuleCount(changed + other.changed, dropped + other.dropped);
    }
}
