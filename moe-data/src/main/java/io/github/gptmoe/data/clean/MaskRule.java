package io.github.gptmoe.data.clean;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts marks in the place of web addresses ({@code <url>}), mail addresses ({@code <email>}), telephone numbers
 * ({@code <phone>}), numbers of identity and bank cards ({@code <id>}) and accounts of QQ and WeChat ({@code <account>}). Card numbers
 * must have the right check digit (GB 11643, Luhn), so other long numbers stay.
 *
 * <p>Source: WuDao removes identity, telephone and QQ numbers and mail addresses; MAP-CC removes web addresses.
 *
 * @param enabled whether the rule is applied; default true
 * @param url whether web addresses are masked; default true
 * @param email whether mail addresses are masked; default true
 * @param phone whether Chinese mobile, fixed and service numbers are masked; default true
 * @param identity whether card numbers are masked; default true
 * @param account whether accounts are masked; default true
 */
public record MaskRule(Boolean enabled, Boolean url, Boolean email, Boolean phone, Boolean identity, Boolean account)
        implements RuleSettings {
    private static final Pattern URL = Pattern.compile(
            "(?i)(?<![a-z0-9])(?:(?:https?|ftp)://|www\\.(?=[a-z0-9]))[a-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=%]+");
    private static final Pattern EMAIL = Pattern.compile(
            "(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])");
    private static final Pattern PHONE = Pattern.compile("(?<![0-9A-Za-z.-])(?:"
            + "(?:\\+?86[- ]?)?1[3-9][0-9](?:[0-9]{8}|[- ][0-9]{4}[- ][0-9]{4})"
            + "|\\(?0[1-9][0-9]{1,2}\\)?[- ][1-9][0-9]{6,7}"
            + "|[48]00[- ][0-9]{3}[- ][0-9]{4}"
            + ")(?![0-9A-Za-z]|[.-][0-9])");
    private static final Pattern IDENTITY = Pattern.compile("(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}"
            + "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z])");
    private static final Pattern CARD =
            Pattern.compile("(?<![0-9A-Za-z])(?:62[0-9]{14,17}|[45][0-9]{15})(?![0-9A-Za-z])");
    private static final Pattern ACCOUNT =
            Pattern.compile("(?i)(?<=QQ(?:群|号|号码)?[:：]?[ ]?)[1-9][0-9]{4,10}(?![0-9A-Za-z])"
                    + "|(?<=微信(?:号|公众号)?[:：][ ]?)[a-z][-_a-z0-9]{5,19}(?![-_a-zA-Z0-9])");

    private static final int[] IDENTITY_WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final String IDENTITY_DIGITS = "10X98765432";

    /** One kind of what is masked; the hint is cheap and says whether a text may have any. */
    private record Mask(Predicate<String> hint, Pattern pattern, Predicate<String> holds, String mark) {
        String apply(String text) {
            if (!hint.test(text)) {
                return text;
            }
            return pattern.matcher(text)
                    .replaceAll((MatchResult found) ->
                            holds.test(found.group()) ? mark : Matcher.quoteReplacement(found.group()));
        }
    }

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param url as above
     * @param email as above
     * @param phone as above
     * @param identity as above
     * @param account as above
     */
    public MaskRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        url = Objects.requireNonNullElse(url, true);
        email = Objects.requireNonNullElse(email, true);
        phone = Objects.requireNonNullElse(phone, true);
        identity = Objects.requireNonNullElse(identity, true);
        account = Objects.requireNonNullElse(account, true);
    }

    @Override
    public Map<String, String> problems() {
        return Map.of();
    }

    @Override
    public CleaningRule rule() {
        List<Mask> masks = masks();
        return text -> {
            String masked = text;
            for (Mask mask : masks) {
                masked = mask.apply(masked);
            }
            return RuleOutcome.keep(masked);
        };
    }

    /** Addresses come first: they may hold numbers. */
    private List<Mask> masks() {
        Predicate<String> any = found -> true;
        List<Mask> masks = new ArrayList<>();
        if (url) {
            masks.add(new Mask(
                    text -> text.contains("://") || text.contains("www.") || text.contains("WWW."), URL, any, "<url>"));
        }
        if (email) {
            masks.add(new Mask(text -> text.indexOf('@') >= 0, EMAIL, any, "<email>"));
        }
        if (identity) {
            masks.add(new Mask(text -> longestNumber(text, "") >= 16, IDENTITY, MaskRule::isIdentity, "<id>"));
            masks.add(new Mask(text -> longestNumber(text, "") >= 16, CARD, MaskRule::isCard, "<id>"));
        }
        if (phone) {
            masks.add(new Mask(text -> longestNumber(text, "- ()") >= 10, PHONE, any, "<phone>"));
        }
        if (account) {
            masks.add(new Mask(
                    text -> text.contains("QQ") || text.contains("qq") || text.contains("微信"),
                    ACCOUNT,
                    any,
                    "<account>"));
        }
        return masks;
    }

    /** The most digits in a row, between which there may be some of {@code joints}. */
    private static int longestNumber(String text, String joints) {
        int longest = 0;
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit >= '0' && unit <= '9') {
                length++;
                longest = Math.max(longest, length);
            } else if (length > 0 && joints.indexOf(unit) < 0) {
                length = 0;
            }
        }
        return longest;
    }

    /** ISO 7064, MOD 11-2. */
    static boolean isIdentity(String number) {
        int sum = 0;
        for (int i = 0; i < IDENTITY_WEIGHTS.length; i++) {
            sum += IDENTITY_WEIGHTS[i] * (number.charAt(i) - '0');
        }
        return IDENTITY_DIGITS.charAt(sum % 11) == Character.toUpperCase(number.charAt(IDENTITY_WEIGHTS.length));
    }

    /** The formula of Luhn. */
    static boolean isCard(String number) {
        int sum = 0;
        for (int i = 0; i < number.length(); i++) {
            int digit = number.charAt(number.length() - 1 - i) - '0';
            int weighed = i % 2 == 0 ? digit : 2 * digit;
            sum += weighed > 9 ? weighed - 9 : weighed;
        }
        return sum % 10 == 0;
    }
}
