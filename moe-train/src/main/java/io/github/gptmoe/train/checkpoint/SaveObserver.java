package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** Told about every step of a save. Tests stop a save here, as a crash (an Error) or a failing disk (IOException). */
@FunctionalInterface
interface SaveObserver {
    /** Called after the step was done on the given file or folder. */
    void reached(SavePoint point, Path path) throws IOException;

    /** Also runs something after every step. */
    default SaveObserver with(Runnable more) {
        return (point, path) -> {
            reached(point, path);
            more.run();
        };
    }
}
