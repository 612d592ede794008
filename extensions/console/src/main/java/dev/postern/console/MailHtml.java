package dev.postern.console;

import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.safety.Cleaner;
import org.jsoup.safety.Safelist;

/**
 * Makes of a message's HTML what is no danger: elements and attributes that are on a list, none of which loads, runs, submits or
 * leads to anything. Links say where they would lead, pictures what they would show.
 */
final class MailHtml {

    private static final Safelist LIST = new Safelist()
            .addTags(
                    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup")
            .addTags("dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img")
            .addTags("ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub")
            .addTags("sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul")
            .addAttributes(":all", "align", "bgcolor", "dir", "height", "lang", "title", "valign", "width")
            .addAttributes("font", "color", "face", "size")
            .addAttributes("img", "alt")
            .addAttributes("ol", "start", "type")
            .addAttributes("table", "border", "cellpadding", "cellspacing")
            .addAttributes("td", "colspan", "rowspan")
            .addAttributes("th", "colspan", "rowspan", "scope");

    private static final String STYLE = "body{margin:8px;background:#fff;color:#000;font:14px sans-serif;"
            + "overflow-wrap:anywhere}a{text-decoration:underline;color:#03c}";

    private MailHtml() {}

    /** A document to be shown in a frame, by itself. */
    static String document(String html) {
        Document dirty = Jsoup.parse(html);
        dirty.select("a[href]").forEach(link -> link.attr("title", link.attr("href")));
        Document clean = new Cleaner(LIST).clean(dirty);
        clean.outputSettings().prettyPrint(false);
        return "<!doctype html><html lang=\"und\"><head><meta charset=\"utf-8\"><title>Mail</title><style>" + STYLE
                + "</style></head>" + clean.body().outerHtml() + "</html>";
    }

    /** Its words alone. */
    static String text(String html) {
        return Jsoup.parse(html).text();
    }
}
