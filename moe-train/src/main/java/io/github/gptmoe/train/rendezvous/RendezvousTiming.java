package io.github.gptmoe.train.rendezvous;

import java.time.Duration;

/**
 * How long processes wait for each other.
 *
 * @param deadline for all processes to come
 * @param heartbeat between signs of life
 * @param silence after which a process without a sign of life counts as dead; several heartbeats
 */
public record RendezvousTiming(Duration deadline, Duration heartbeat, Duration silence) {
    /**
     * The usual pulse: a dead process is known within 8 seconds, one whose connection closes at once.
     *
     * @param deadline for all processes to come
     * @return a heartbeat a second
     */
    public static RendezvousTiming of(Duration deadline) {
        return new RendezvousTiming(deadline, Duration.ofSeconds(1), Duration.ofSeconds(8));
    }

    /**
     * Refuses what cannot work.
     *
     * @param deadline as above
     * @param heartbeat as above
     * @param silence as above
     */
    public RendezvousTiming {
        if (deadline.isNegative() || deadline.isZero() || heartbeat.toMillis() < 1) {
            throw new IllegalArgumentException("a deadline of " + deadline + " and a heartbeat of " + heartbeat);
        }
        if (silence.compareTo(heartbeat.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "a silence of " + silence + " with a heartbeat of " + heartbeat + "; it must be twice as long");
        }
    }
}
