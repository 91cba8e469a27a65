package io.github.gptmoe.train.optim;

import io.github.gptmoe.train.collective.ProcessGroup;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs of sums over whole parameters of which each rank has parts, in one collective call. A rank knows its own shards only, so
 * the ranks first tell each other which parameters are divided. Whole shards need no other rank, and replicas of them must not
 * be added up.
 */
final class WholeSums {
    /** Bits of a name's hash: a double holds them exactly, and ten thousand names collide once in 10^8 models. */
    private static final int HASH_BITS = 53;

    private static final int PAIR = 2;

    private final ProcessGroup ranks;
    private final List<ParameterShard> shards;
    private final Map<Double, Integer> places = new HashMap<>();

    /** Agrees on the divided parameters; a collective operation. */
    WholeSums(ProcessGroup ranks, List<ParameterShard> shards) {
        this.ranks = ranks;
        this.shards = List.copyOf(shards);
        List<Double> divided = shards.stream()
                .filter(shard -> !shard.isWhole())
                .map(WholeSums::hash)
                .toList();
        double[] counts = new double[ranks.worldSize()];
        counts[ranks.rank()] = divided.size();
        counts = ranks.allReduce(counts);
        int before = 0;
        int all = 0;
        for (int rank = 0; rank < counts.length; rank++) {
            before += rank < ranks.rank() ? (int) counts[rank] : 0;
            all += (int) counts[rank];
        }
        double[] hashes = new double[all];
        for (int i = 0; i < divided.size(); i++) {
            hashes[before + i] = divided.get(i);
        }
        for (double hash : all == 0 ? hashes : ranks.allReduce(hashes)) {
            places.putIfAbsent(hash, places.size());
        }
    }

    /**
     * Sums over whole parameters; a collective operation.
     *
     * @param own a pair for each of this rank's shards
     * @return a pair for each of this rank's shards, summed over the ranks in their order
     */
    List<double[]> of(List<double[]> own) {
        if (places.isEmpty()) {
            return own;
        }
        double[] sums = new double[PAIR * places.size()];
        for (int i = 0; i < own.size(); i++) {
            if (!shards.get(i).isWhole()) {
                int at = PAIR * place(shards.get(i));
                sums[at] = own.get(i)[0];
                sums[at + 1] = own.get(i)[1];
            }
        }
        sums = ranks.allReduce(sums);
        List<double[]> whole = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            ParameterShard shard = shards.get(i);
            int at = shard.isWhole() ? 0 : PAIR * place(shard);
            whole.add(shard.isWhole() ? own.get(i) : new double[] {sums[at], sums[at + 1]});
        }
        return whole;
    }

    private int place(ParameterShard shard) {
        Integer place = places.get(hash(shard));
        if (place == null) {
            throw new IllegalStateException(shard.parameter().name() + " was not agreed on");
        }
        return place;
    }

    private static double hash(ParameterShard shard) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(shard.parameter().name().getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong() >>> (Long.SIZE - HASH_BITS);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
