package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.core.kernel.Nccl;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What process 0 hands out when all have come.
 *
 * @param localRanks ranks that each process brings, in the order of the processes
 * @param uniqueId under which NCCL meets
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
record WorldTable(List<Integer> localRanks, byte[] uniqueId) {
    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(localRanks.size());
            for (int ranks : localRanks) {
                out.writeInt(ranks);
            }
            out.writeInt(uniqueId.length);
            out.write(uniqueId);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    static WorldTable read(byte[] body) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(body))) {
            int processes = bounded(in.readInt(), 1, RankEnvironment.MOST_PROCESSES);
            List<Integer> localRanks = new ArrayList<>();
            for (int process = 0; process < processes; process++) {
                localRanks.add(bounded(in.readInt(), 1, Rendezvous.MOST_LOCAL_RANKS));
            }
            byte[] uniqueId = new byte[bounded(in.readInt(), 0, Nccl.UNIQUE_ID_BYTES)];
            in.readFully(uniqueId);
            return new WorldTable(localRanks, uniqueId);
        }
    }

    private static int bounded(int number, int least, int most) throws WireException {
        if (number < least || number > most) {
            throw new WireException("an impossible table of the world: " + number);
        }
        return number;
    }
}
