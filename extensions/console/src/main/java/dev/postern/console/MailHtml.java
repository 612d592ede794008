package dev.postern.console;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.jsoup.safety.Cleaner;
import org.jsoup.safety.Safelist;

/**
 * Makes of a message's HTML what is no danger: elements and attributes that are on a list, none of which loads, runs, submits or
 * leads to anything. Links say where they would lead. Pictures of the mail itself are part of what is made; others say what
 * they would show.
 */
final class MailHtml {

    private static final String CID = "cid";

    /** Characters of all pictures, each counted as often as it is shown. */
    private static final int MAX_SHOWN = 12 << 20;

    private static final int MAX_DEPTH = 200;
    private static final int MAX_DECLARATIONS = 100;
    private static final int MAX_DECLARATION = 200;

    private static final Safelist LIST = new Safelist()
            .addTags(
                    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup")
            .addTags("dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img")
            .addTags("ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub")
            .addTags("sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul")
            .addAttributes(":all", "align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width")
            .addAttributes("font", "color", "face", "size")
            .addAttributes("img", "alt", "src")
            .addProtocols("img", "src", CID)
            .addAttributes("ol", "start", "type")
            .addAttributes("table", "border", "cellpadding", "cellspacing")
            .addAttributes("td", "colspan", "rowspan")
            .addAttributes("th", "colspan", "rowspan", "scope");

    /** What a style may say: colours, sizes and the like; nothing that loads, places itself or is computed. */
    private static final Pattern DECLARATION = Pattern.compile(
            "(background-color|border(-(bottom|collapse|color|left|radius|right|spacing|style|top|width))?|color|"
                    + "font(-(family|size|style|weight))?|height|letter-spacing|line-height|list-style-type|"
                    + "(margin|padding)(-(bottom|left|right|top))?|(max|min)-(height|width)|text-(align|decoration|indent|"
                    + "transform)|vertical-align|white-space|width)"
                    + "\\s*:\\s*(rgba?\\([0-9 %.,/]*\\)|[a-z0-9 #%.,'\"!-])*+",
            Pattern.CASE_INSENSITIVE);

    private static final String STYLE = "body{margin:8px;background:#fff;color:#000;font:14px sans-serif;"
            + "overflow-wrap:anywhere}a{text-decoration:underline;color:#03c}";

    private MailHtml() {}

    /** A document to be shown in a frame, by itself. */
    static String document(MailReader.Html mail) {
        Document dirty = parsed(mail.html());
        dirty.select("a[href]").forEach(link -> link.attr("title", link.attr("href")));
        Document clean = new Cleaner(LIST).clean(dirty);
        clean.select("[style]").forEach(element -> element.attr("style", declarations(element.attr("style"))));
        show(mail.pictures(), clean.select("[src]"));
        clean.outputSettings().prettyPrint(false);
        return "<!doctype html><html lang=\"und\"><head><meta charset=\"utf-8\"><title>Mail</title><style>" + STYLE
                + "</style></head>" + clean.body().outerHtml() + "</html>";
    }

    /** Puts pictures in place of their names, as long as there is room; what is no such name goes. */
    private static void show(Map<String, Picture> pictures, Iterable<Element> named) {
        long room = MAX_SHOWN;
        for (Element element : named) {
            Picture picture = pictures.get(contentId(element.attr("src")));
            if (picture == null || picture.uriLength() > room) {
                element.removeAttr("src");
            } else {
                room -= picture.uriLength();
                element.attr("src", picture.uri());
            }
        }
    }

    /** What a URL names (RFC 2392 section 2), which has some characters encoded. */
    private static String contentId(String url) {
        String encoded = url.substring(url.indexOf(':') + 1);
        try {
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return encoded;
        }
    }

    /** Flat below some depth: what is nested without end takes the time of the square of it. */
    private static Document parsed(String html) {
        return Jsoup.parse(html, Parser.htmlParser().setMaxDepth(MAX_DEPTH));
    }

    private static String declarations(String style) {
        return Stream.of(style.split(";", MAX_DECLARATIONS))
                .map(String::strip)
                .filter(each -> each.length() <= MAX_DECLARATION)
                .filter(each -> DECLARATION.matcher(each).matches())
                .collect(Collectors.joining("; "));
    }

    /** Its words alone. */
    static String text(String html) {
        return parsed(html).text();
    }
}
