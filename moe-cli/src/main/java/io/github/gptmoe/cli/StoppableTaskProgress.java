package io.github.gptmoe.cli;

import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import io.github.gptmoe.train.StopRequest;
import java.io.PrintWriter;

/** Progress of an evaluation that ends when a stop was asked for: it has nothing to save. */
final class StoppableTaskProgress implements ZeroShotListener {
    private final TaskProgress progress;
    private final StopRequest stop;

    StoppableTaskProgress(PrintWriter err, int columns, StopRequest stop) {
        this.progress = new TaskProgress(err, columns);
        this.stop = stop;
    }

    @Override
    public void message(String text) {
        progress.message(text);
    }

    @Override
    public void scored(String task, String split, int done, int rows) {
        if (stop.requested()) {
            throw new StoppedException(
                    "stopped while scoring; the adapted run is finished, and the same call scores again");
        }
        progress.scored(task, split, done, rows);
    }
}
