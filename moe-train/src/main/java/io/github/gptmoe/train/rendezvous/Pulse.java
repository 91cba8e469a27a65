package io.github.gptmoe.train.rendezvous;

import java.time.Duration;

/** A daemon thread that does something small again and again until it is stopped. */
final class Pulse {
    private final Thread thread;
    private volatile boolean stopped;

    private Pulse(String name, Duration interval, Runnable beat) {
        thread = new Thread(() -> run(interval, beat), name);
        thread.setDaemon(true);
    }

    static Pulse start(String name, Duration interval, Runnable beat) {
        Pulse pulse = new Pulse(name, interval, beat);
        pulse.thread.start();
        return pulse;
    }

    private void run(Duration interval, Runnable beat) {
        while (!stopped) {
            beat.run();
            try {
                Thread.sleep(interval.toMillis());
            } catch (InterruptedException toStop) {
                return;
            }
        }
    }

    void stop() {
        stopped = true;
        thread.interrupt();
    }
}
