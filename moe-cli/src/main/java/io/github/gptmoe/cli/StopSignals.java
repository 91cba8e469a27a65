package io.github.gptmoe.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/**
 * Turns the first interrupt (Ctrl-C) or termination signal into a request to stop, so that a command can end in good order,
 * a run at a step boundary with a checkpoint. The second one ends the process at once, as it would have without this class.
 *
 * <p>The handler interface is {@code sun.misc.Signal}, which every JDK exports in {@code jdk.unsupported} but the compiler
 * refuses to name without a warning, hence reflection. A shutdown hook is no substitute: it cannot choose the exit code.
 */
final class StopSignals {

    private static final List<String> SIGNALS = List.of("INT", "TERM");

    private StopSignals() {}

    /**
     * Listens from now on.
     *
     * @param request called by the first signal, from a thread of its own
     * @param announcement what happens next, for the person who pressed Ctrl-C
     * @param told takes it
     */
    static void connect(Runnable request, String announcement, Consumer<String> told) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object systemDefault = handlerType.getField("SIG_DFL").get(null);
            for (String name : SIGNALS) {
                Object signal = signalType.getConstructor(String.class).newInstance(name);
                InvocationHandler firstSignal = (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        told.accept(announcement);
                        request.run();
                        yield signalType
                                .getMethod("handle", signalType, handlerType)
                                .invoke(null, signal, systemDefault);
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "StopSignals";
                };
                Object handler = Proxy.newProxyInstance(
                        StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, firstSignal);
                signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            }
        } catch (ReflectiveOperationException unavailable) {
            told.accept("Signals cannot be caught on this Java (" + unavailable.getMessage()
                    + "): Ctrl-C ends moe at once; a training run continues from its last checkpoint.");
        }
    }
}
