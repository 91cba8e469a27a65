package io.github.gptmoe.core.kernel;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Functions of a native library by their names. */
@FunctionalInterface
interface NativeSymbols {
    /** The function of this name, or an {@link UnsatisfiedLinkError}. */
    Function find(String name);

    /**
     * Searches libraries for one that has a function.
     *
     * @param what the reader knows it as, for messages
     * @param probe function that must be there
     * @param candidates paths or names, in the order of preference
     * @param remedy what to do when there is none
     */
    static NativeSymbols search(String what, String probe, List<String> candidates, String remedy) {
        List<String> tried = new ArrayList<>();
        for (String candidate : candidates) {
            if (candidate.contains("/") && !Files.exists(Path.of(candidate))) {
                tried.add(candidate + ": no such file");
                continue;
            }
            try {
                NativeLibrary library = NativeLibrary.getInstance(candidate);
                library.getFunction(probe);
                return library::getFunction;
            } catch (UnsatisfiedLinkError unusable) {
                tried.add(candidate + ": "
                        + String.valueOf(unusable.getMessage())
                                .lines()
                                .findFirst()
                                .orElse("cannot be loaded"));
            }
        }
        throw new DeviceException(what + " was not found; " + remedy + ". Looked at " + String.join("; ", tried));
    }

    /** The folder of libtorch, which brings the libraries that its CUDA build was made with. */
    static Path libtorch() {
        KernelModule.enter();
        return Path.of(LibUtils.getLibtorchPath());
    }

    /**
     * libtorch's CUDA library, whose dependencies the dynamic linker searches too, then libraries that lie beside it.
     *
     * @param folder of libtorch
     * @param prefix how their file names begin, as a build may add a hash and a version
     */
    static List<String> beside(Path folder, String prefix) {
        List<String> paths = new ArrayList<>();
        paths.add(folder.resolve(System.mapLibraryName("torch_cuda")).toString());
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .map(Path::toString)
                    .sorted()
                    .forEach(paths::add);
        } catch (IOException unreadable) {
            // The library that is needed may still be the system's; if it is not, the search names this folder.
        }
        return paths;
    }
}
