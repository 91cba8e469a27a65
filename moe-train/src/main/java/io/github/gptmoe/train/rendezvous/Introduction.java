package io.github.gptmoe.train.rendezvous;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a process says of itself.
 *
 * @param processes how many it believes there are
 * @param process its number
 * @param localRanks ranks that it brings, at least 1
 * @param configHash of everything that must be equal
 */
record Introduction(int processes, int process, int localRanks, String configHash) {
    private static final int LONGEST_HASH = 256;

    Introduction {
        if (configHash.length() > LONGEST_HASH) {
            throw new IllegalArgumentException("a hash of more than " + LONGEST_HASH + " characters");
        }
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(processes);
            out.writeInt(process);
            out.writeInt(localRanks);
            out.writeUTF(configHash);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    static Introduction read(byte[] body) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(body))) {
            Introduction read = new Introduction(in.readInt(), in.readInt(), in.readInt(), in.readUTF());
            boolean possible = read.processes >= 1
                    && read.process >= 0
                    && read.process < read.processes
                    && read.localRanks >= 1
                    && read.localRanks <= Rendezvous.MOST_LOCAL_RANKS
                    && in.available() == 0;
            if (!possible) {
                throw new WireException("an impossible introduction: " + read);
            }
            return read;
        } catch (IllegalArgumentException tooLong) {
            throw new WireException(String.valueOf(tooLong.getMessage()));
        }
    }
}
