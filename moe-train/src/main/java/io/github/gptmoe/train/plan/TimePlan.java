package io.github.gptmoe.train.plan;

/**
 * How long training takes at a share of the devices' arithmetic.
 *
 * @param mfu model FLOPs utilisation: the share of {@code peakFlops} that model arithmetic gets
 * @param peakFlops operations a second of one device
 * @param tokens what is trained on
 * @param tokensPerSecond of all devices
 * @param seconds of the whole
 * @param days of the whole
 */
public record TimePlan(double mfu, double peakFlops, long tokens, double tokensPerSecond, double seconds, double days) {
    private static final double SECONDS_OF_A_DAY = 86_400;

    /**
     * Counts.
     *
     * @param mfu see above
     * @param peakFlops see above
     * @param devices number of devices
     * @param flopsPerToken model arithmetic of a token
     * @param tokens see above
     * @return the plan
     */
    public static TimePlan of(double mfu, double peakFlops, int devices, long flopsPerToken, long tokens) {
        double tokensPerSecond = mfu * peakFlops * devices / flopsPerToken;
        double seconds = tokens / tokensPerSecond;
        return new TimePlan(mfu, peakFlops, tokens, tokensPerSecond, seconds, seconds / SECONDS_OF_A_DAY);
    }
}
