package io.github.gptmoe.core.kernel;

import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/** {@code ncclUniqueId}, which is passed by value; JNA reads and writes the field by reflection, so both are public. */
@FieldOrder("internal")
public class NcclUniqueId extends Structure {
    /** Opaque. */
    public byte[] internal = new byte[Nccl.UNIQUE_ID_BYTES];

    /** Makes one of zeros. */
    public NcclUniqueId() {}

    /** The same, passed by value. */
    public static final class Value extends NcclUniqueId implements Structure.ByValue {
        /** Makes one of zeros. */
        public Value() {}
    }
}
