package io.github.gptmoe.data.clean;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Takes out short lines that belong to the page and not to the text: navigation, copyright, calls to follow or to log in.
 *
 * <p>Source: C4 drops lines about JavaScript, cookies and terms of use; WuDao and MAP-CC drop what surrounds the text of a page. The
 * list of phrases is ours.
 *
 * @param enabled whether the rule is applied; default true
 * @param phrases what such a line contains; default {@link #PHRASES}
 * @param maximumCharacters longer lines stay, because whole sentences may speak of the same things; default 40
 */
public record BoilerplateRule(Boolean enabled, List<String> phrases, Integer maximumCharacters)
        implements RuleSettings {

    /** Phrases of pages, in the two languages that Chinese pages are written in. */
    public static final List<String> PHRASES = List.of(
            "版权所有",
            "保留所有权利",
            "未经许可",
            "未经授权",
            "禁止转载",
            "ICP备",
            "ICP证",
            "公网安备",
            "网站地图",
            "设为首页",
            "加入收藏",
            "返回顶部",
            "返回首页",
            "上一篇",
            "下一篇",
            "上一页",
            "下一页",
            "相关阅读",
            "相关推荐",
            "相关文章",
            "猜你喜欢",
            "点击查看",
            "点击进入",
            "点击关注",
            "阅读全文",
            "阅读原文",
            "展开全文",
            "查看更多",
            "加载中",
            "正在加载",
            "扫一扫",
            "扫描二维码",
            "长按识别",
            "关注公众号",
            "微信公众号",
            "登录后",
            "请登录",
            "立即注册",
            "立即下载",
            "发表评论",
            "责任编辑",
            "责编：",
            "分享到",
            "免责声明",
            "Copyright ©",
            "All rights reserved",
            "All Rights Reserved",
            "enable JavaScript",
            "cookie policy",
            "Cookie Policy",
            "privacy policy",
            "Privacy Policy",
            "terms of use",
            "Terms of Use",
            "Terms of Service");

    /**
     * Fills in defaults.
     *
     * @param enabled as above
     * @param phrases as above
     * @param maximumCharacters as above
     */
    public BoilerplateRule {
        enabled = Objects.requireNonNullElse(enabled, true);
        phrases = phrases == null ? PHRASES : List.copyOf(phrases);
        maximumCharacters = Objects.requireNonNullElse(maximumCharacters, 40);
    }

    @Override
    public Map<String, String> problems() {
        return new Limits()
                .atLeast("maximumCharacters", maximumCharacters, 1)
                .require(
                        phrases.stream().noneMatch(String::isBlank),
                        "phrases",
                        "has an empty phrase, which every line contains; remove it")
                .problems();
    }

    @Override
    public CleaningRule rule() {
        WordFinder finder = new WordFinder(phrases);
        return text -> RuleOutcome.keep(without(text, finder));
    }

    private String without(String text, WordFinder finder) {
        List<String> kept = new ArrayList<>();
        boolean changed = false;
        for (String line : Lines.of(text)) {
            boolean page = line.length() <= maximumCharacters && finder.count(line) > 0;
            changed |= page;
            if (!page) {
                kept.add(line);
            }
        }
        return changed ? String.join("\n", kept) : text;
    }
}
