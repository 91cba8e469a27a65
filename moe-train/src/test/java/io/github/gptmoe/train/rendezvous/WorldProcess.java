package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A process of its own: joins by its environment variables, says so, then leaves ({@code leave}), fails ({@code fail}), or waits
 * for a failure ({@code wait}).
 */
final class WorldProcess {
    private WorldProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        String behaviour = arguments[0];
        Rendezvous rendezvous = new Rendezvous(
                RankEnvironment.of(System.getenv()),
                2,
                arguments[1],
                RendezvousTiming.of(Duration.ofSeconds(Integer.parseInt(arguments[2]))));
        World world;
        try {
            world = rendezvous.join(() -> new byte[] {42}, line -> {});
        } catch (InputException refused) {
            System.out.println("refused " + refused.kind() + " " + refused.getMessage());
            System.exit(2);
            return;
        }
        CountDownLatch failed = new CountDownLatch(1);
        world.failure().onFailure(cause -> {
            System.out.println("failed " + cause.getMessage());
            failed.countDown();
        });
        System.out.println(
                "joined " + world.firstRank() + " of " + world.worldSize() + " under " + world.uniqueId()[0]);
        if (behaviour.equals("fail")) {
            world.failure().set("rank " + world.firstRank() + " failed: disk full", null);
            System.exit(3);
        }
        if (behaviour.equals("wait")) {
            failed.await();
            System.exit(3);
        }
        world.close();
    }
}
