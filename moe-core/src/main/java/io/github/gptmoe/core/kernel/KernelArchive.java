package io.github.gptmoe.core.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Builds a TorchScript archive from source text, so that no Python and no binary file is needed.
 *
 * <p>Such an archive is a zip with stored entries: the code, an empty tuple of constants, and a pickle that makes one
 * object of the class. {@code torch.jit.load} in Python reads the same bytes.
 */
final class KernelArchive {
    private static final String CLASS = "Kernels";
    private static final String HEADER =
            "class " + CLASS + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n" + "  training : bool\n";

    private KernelArchive() {}

    /** Joins the method sources of this package's resources into one class and packs it. */
    static byte[] of(List<String> resources) throws IOException {
        StringBuilder source = new StringBuilder(HEADER);
        for (String resource : resources) {
            source.append(read(resource)).append('\n');
        }
        return pack(source.toString());
    }

    /** The source text of one resource of this package. */
    static String read(String resource) throws IOException {
        try (InputStream in = KernelArchive.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("kernel source " + resource + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] pack(String source) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            entry(zip, "kernels/version", ascii("3\n"));
            entry(zip, "kernels/data.pkl", objectPickle());
            entry(zip, "kernels/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            entry(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** Pickle protocol 2: an instance of the class whose only attribute is training = True. */
    private static byte[] objectPickle() {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes(ascii("c__torch__\n" + CLASS + "\n"));
        pickle.writeBytes(new byte[] {'q', 0, ')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        pickle.writeBytes(ascii("training"));
        pickle.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, byte[] data) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(data);
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
