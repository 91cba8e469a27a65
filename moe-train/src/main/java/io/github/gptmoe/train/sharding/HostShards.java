package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.train.collective.ShardPlan;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.optim.PartOrder;
import io.github.gptmoe.train.sharding.HostDivision.Portion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a rank updates on its host. A portion's gradients come down into staging memory, the host updates its weights, and these
 * go up, by way of staging memory where they are rounded copies of masters. While the host works on a portion, the gradients
 * of the next come down and the weights of the one before go up:
 *
 * <pre>
 * down    g0  g1  g2  g3
 * host        u0  u1  u2  u3
 * up              w0  w1  w2  w3
 * </pre>
 *
 * <p>What counts are masters or, of weights that have none, the host's array, which the device's is a copy of. What fills arrays
 * up between parameters is copied along, and is arbitrary.
 */
final class HostShards implements PartOrder {
    /**
     * A bucket's arrays, of what the rank owns.
     *
     * @param gradient on the device
     * @param computed weights that the device computes with
     * @param kept weights on the host: of the precision of {@code computed}, or FP32 masters of them
     * @param low precision of {@code computed} if it is below FP32, else null
     */
    record Owned(
            NDArray gradient,
            NDArray computed,
            NDArray kept,
            @Nullable Precision low) {}

    /** The arrays that a portion's copies go between. */
    private record Way(NDArray gradient, NDArray staged, NDArray computed, NDArray updated) {}

    /** Staging memory. */
    private record Place(int slot, boolean fp32) {}

    private final NDManager host;
    private final HostCopies copies;
    private final Map<Place, NDArray> gradients = new HashMap<>();
    private final Map<Place, NDArray> rounded = new HashMap<>();
    private final List<Portion> portions = new ArrayList<>();
    private final List<@Nullable Way> ways = new ArrayList<>();
    private final List<List<ParameterShard>> shards = new ArrayList<>();

    /**
     * Allocates staging memory.
     *
     * @param offload where
     * @param division of all that the rank owns
     * @param gradientPrecision of gradients that need not be FP32
     * @param copied precision of the weights that have masters; null if none have
     */
    HostShards(Offload offload, HostDivision division, Precision gradientPrecision, @Nullable Precision copied) {
        host = offload.host();
        copies = offload.copies();
        for (int slot = 0; slot < HostDivision.SLOTS; slot++) {
            stage(gradients, new Place(slot, false), gradientPrecision, division);
            stage(gradients, new Place(slot, true), Precision.FP32, division);
            if (copied != null) {
                stage(rounded, new Place(slot, false), copied, division);
            }
        }
    }

    private void stage(Map<Place, NDArray> memory, Place place, Precision precision, HostDivision division) {
        long elements = division.longest(place.slot, place.fp32);
        if (elements > 0) {
            memory.put(place, copies.allocate(host, precision, elements));
        }
    }

    /**
     * Adds the next portion.
     *
     * @param device manager of views of the device's arrays
     * @param portion in the order of the division
     * @param owned arrays of its bucket
     * @return what the optimizer updates, on the host
     */
    List<ParameterShard> add(NDManager device, Portion portion, Owned owned) {
        List<ParameterShard> added = portion.pieces().isEmpty() ? List.of() : addWay(device, portion, owned);
        if (added.isEmpty()) {
            ways.add(null);
        }
        portions.add(portion);
        shards.add(added);
        return added;
    }

    private List<ParameterShard> addWay(NDManager device, Portion portion, Owned owned) {
        Place place = new Place(portion.slot(), portion.bucket().fp32());
        Shape length = new Shape(portion.length());
        NDArray kept = FlatArrays.view(host, owned.kept, portion.from(), length);
        NDArray staged = FlatArrays.view(host, memory(gradients, place), 0, length);
        boolean mastered = owned.low != null && rounded.containsKey(place);
        NDArray updated = mastered ? FlatArrays.view(host, memory(rounded, place), 0, length) : kept;
        ways.add(new Way(
                FlatArrays.view(device, owned.gradient, portion.from(), length),
                staged,
                FlatArrays.view(device, owned.computed, portion.from(), length),
                updated));
        NDArray masters = mastered || owned.low == null ? kept : null;
        return shards(portion, masters, owned.low == null ? null : updated, staged);
    }

    /** Views of a portion's arrays, for each parameter. */
    private List<ParameterShard> shards(
            Portion portion, @Nullable NDArray masters, @Nullable NDArray low, NDArray staged) {
        Bucket bucket = portion.bucket();
        List<ParameterShard> pieces = new ArrayList<>();
        for (ShardPlan.Piece piece : portion.pieces()) {
            ShardPlan.Piece moved = new ShardPlan.Piece(
                    piece.parameter(), piece.fromParameter(), piece.fromShard() - portion.from(), piece.length());
            pieces.add(new ParameterShard(
                    bucket.parameters().get(piece.parameter()),
                    piece.fromParameter(),
                    masters == null ? null : bucket.piece(host, masters, moved),
                    low == null ? null : bucket.piece(host, low, moved),
                    bucket.piece(host, staged, moved)));
        }
        return List.copyOf(pieces);
    }

    private static NDArray memory(Map<Place, NDArray> of, Place place) {
        return Objects.requireNonNull(of.get(place));
    }

    /**
     * Updates portions.
     *
     * @param first of them
     * @param end after the last
     * @param update given a portion's number, when its gradients are there; its weights may go up when it returns
     */
    @Override
    public void run(int first, int end, IntConsumer update) {
        HostCopies.Copy[] came = new HostCopies.Copy[HostDivision.SLOTS];
        HostCopies.Copy[] went = new HostCopies.Copy[HostDivision.SLOTS];
        Arrays.fill(came, HostCopies.Copy.NONE);
        Arrays.fill(went, HostCopies.Copy.NONE);
        for (int begun = first, part = first; part < end; part++) {
            // The next portion's staging memory is free: its last user, the portion before this one, has been updated.
            for (; begun < end && begun < part + HostDivision.SLOTS; begun++) {
                came[slot(begun)] = bringDown(begun);
            }
            int slot = slot(part);
            came[slot].await();
            went[slot].await(); // else this update would change weights that are still on their way
            update.accept(part);
            went[slot] = bringUp(part);
        }
        for (HostCopies.Copy copy : went) {
            copy.await();
        }
    }

    private int slot(int portion) {
        return portions.get(portion).slot();
    }

    private HostCopies.Copy bringDown(int portion) {
        Way way = ways.get(portion);
        return way == null ? HostCopies.Copy.NONE : copies.toHost(way.staged, way.gradient);
    }

    private HostCopies.Copy bringUp(int portion) {
        Way way = ways.get(portion);
        return way == null ? HostCopies.Copy.NONE : copies.toDevice(way.computed, way.updated);
    }

    /** After weights on the host were loaded: renews what the device computes with. */
    void refresh() {
        for (int portion = 0; portion < portions.size(); portion++) {
            for (ParameterShard shard : shards.get(portion)) {
                NDArray master = shard.master();
                NDArray low = shard.low();
                if (master != null && low != null) {
                    Precision.copy(low, master);
                }
            }
            bringUp(portion).await();
        }
    }
}
