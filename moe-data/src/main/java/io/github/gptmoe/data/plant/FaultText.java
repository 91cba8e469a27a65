package io.github.gptmoe.data.plant;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.SplittableRandom;

/** Puts a fault into a text. */
final class FaultText {
    private static final double MOST_EDITS = 0.03;
    private static final int REPEATS = 30;
    private static final String CHARACTERS = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之";

    private final SplittableRandom random;

    FaultText(SplittableRandom random) {
        this.random = random;
    }

    String with(FaultKind kind, String text, String evaluation) {
        return switch (kind) {
            case EXACT -> random.nextBoolean() ? text : respaced(text);
            case NEAR -> edited(text);
            case HTML -> html(text);
            case GBK -> misread(text, "GBK");
            case GB18030 -> misread(text, "GB18030");
            case LATIN -> misread(text, "windows-1252");
            case CONTACT -> contact(text);
            case REPEATED -> repeated(text);
            case EVALUATION -> inserted(text, evaluation);
        };
    }

    private static String respaced(String text) {
        return "　　" + text.replace("，", ", ").replace("。", "．").replace("\n", "\n\n");
    }

    private String edited(String text) {
        double rate = MOST_EDITS * random.nextDouble();
        StringBuilder edited = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (random.nextDouble() >= rate) {
                edited.appendCodePoint(point);
                return;
            }
            switch (random.nextInt(3)) {
                case 0 -> edited.append(any());
                case 1 -> edited.append(any()).appendCodePoint(point);
                default -> {} // Taken out.
            }
        });
        return edited.toString();
    }

    private char any() {
        return CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
    }

    private static String html(String text) {
        StringBuilder page = new StringBuilder("<!-- article --><div class=\"content\" id='main'>\n");
        text.lines()
                .forEach(line -> page.append("<p style=\"margin:0\">")
                        .append(line.replace("&", "&amp;")
                                .replace("“", "&ldquo;")
                                .replace("”", "&#8221;"))
                        .append("</p>\n"));
        return page.append("<script type=\"text/javascript\">var a = 1 < 2;</script>\n</div>")
                .toString();
    }

    private static String misread(String text, String charset) {
        return new String(text.getBytes(UTF_8), Charset.forName(charset));
    }

    private String contact(String text) {
        String number = "13" + (100_000_000 + random.nextInt(900_000_000));
        return text + "\n详情见 https://www.example.com/page?id=" + random.nextInt(10_000) + " 或致电 " + number + "，邮箱 user"
                + random.nextInt(1000) + "@example.com。";
    }

    private static String repeated(String text) {
        String sentence = text.substring(
                        0, text.offsetByCodePoints(0, Math.min(40, text.codePointCount(0, text.length()))))
                .replace('\n', ' ')
                .strip();
        return text + ("\n" + sentence).repeat(REPEATS);
    }

    /** After a sentence, or in the middle. */
    private static String inserted(String text, String evaluation) {
        int place = text.indexOf('。', text.length() / 2) + 1;
        if (place == 0) {
            place = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
        }
        return text.substring(0, place) + evaluation + "。" + text.substring(place);
    }
}
