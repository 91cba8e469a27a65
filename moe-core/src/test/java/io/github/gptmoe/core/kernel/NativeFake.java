package io.github.gptmoe.core.kernel;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A native library whose functions are Java methods, so that arguments really travel by the platform's C convention. */
final class NativeFake implements NativeSymbols {
    private final Map<String, Callback> functions = new HashMap<>();

    /** Functions called and what they were given. */
    final List<String> calls = new ArrayList<>();

    /** What every function that reports errors returns. */
    int result;

    interface None extends Callback {
        int callback();
    }

    interface One extends Callback {
        int callback(Pointer a);
    }

    interface Number extends Callback {
        int callback(int a);
    }

    interface Two extends Callback {
        int callback(Pointer a, Pointer b);
    }

    interface TwoAndFlags extends Callback {
        int callback(Pointer a, Pointer b, int flags);
    }

    interface OneAndFlags extends Callback {
        int callback(Pointer a, int flags);
    }

    interface OneAndSize extends Callback {
        int callback(Pointer a, long size);
    }

    interface OneAndSizeAndFlags extends Callback {
        int callback(Pointer a, long size, int flags);
    }

    interface Text extends Callback {
        String callback(int code);
    }

    interface Copy extends Callback {
        int callback(Pointer into, Pointer from, long bytes, int kind, Pointer stream);
    }

    interface Initialize extends Callback {
        int callback(Pointer communicator, int ranks, NcclUniqueId.Value id, int rank);
    }

    interface Reduce extends Callback {
        int callback(Pointer send, Pointer receive, long count, int type, int op, Pointer communicator, Pointer stream);
    }

    interface Gather extends Callback {
        int callback(Pointer send, Pointer receive, long count, int type, Pointer communicator, Pointer stream);
    }

    interface PeerToPeer extends Callback {
        int callback(Pointer buffer, long count, int type, int peer, Pointer communicator, Pointer stream);
    }

    NativeFake with(String name, Callback function) {
        functions.put(name, function);
        return this;
    }

    /** Notes a call and gives the result that functions are to return. */
    int called(String name, @Nullable Object... arguments) {
        List<String> words = new ArrayList<>();
        for (@Nullable Object argument : arguments) {
            words.add(
                    argument == null
                            ? "0x0"
                            : argument instanceof Pointer pointer
                                    ? "0x" + Long.toHexString(Pointer.nativeValue(pointer))
                                    : String.valueOf(argument));
        }
        calls.add(name + " " + String.join(" ", words));
        return result;
    }

    @Override
    public Function find(String name) {
        Callback function = functions.get(name);
        if (function == null) {
            throw new UnsatisfiedLinkError("no " + name);
        }
        return Function.getFunction(CallbackReference.getFunctionPointer(function));
    }
}
