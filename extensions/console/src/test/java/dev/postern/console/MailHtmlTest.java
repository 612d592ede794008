package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of a mail's HTML. */
@OnAnyJdk
class MailHtmlTest {

    private static String body(String html) {
        return Jsoup.parse(MailHtml.document(html)).body().html();
    }

    @Test
    void nothingOfAHostileMailLoadsRunsSubmitsOrLeads() {
        Document clean = Jsoup.parse(MailHtml.document(Hostile.html("http://evil.example")));
        assertThat(clean.select(
                        "script,iframe,object,embed,form,input,button,link,meta[http-equiv],base,svg,math,video,audio,"
                                + "source,template,marquee,noscript"))
                .isEmpty();
        assertThat(clean.title()).isEqualTo("Mail");
        clean.getAllElements()
                .forEach(element -> element.attributes().forEach(attribute -> {
                    assertThat(attribute.getKey())
                            .doesNotStartWith("on")
                            .isNotIn(
                                    "src",
                                    "srcset",
                                    "href",
                                    "action",
                                    "background",
                                    "ping",
                                    "poster",
                                    "data",
                                    "target");
                    if (!attribute.getKey().equals("title")) { // says where a link would lead
                        assertThat(attribute.getValue().toLowerCase(Locale.ROOT))
                                .doesNotContain("evil.example", "url(");
                    }
                }));
        assertThat(clean.body().html())
                .contains("visible words", "alt=\"a picture\"", "style=\"color:red; width:10px\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "color:#fff;background-color:rgb(1, 2, 3) | color:#fff; background-color:rgb(1, 2, 3)",
                "font-family:'Courier New', monospace | font-family:'Courier New', monospace",
                "background-color:url(http://x/) | ''",
                "color:u\\72l(http://x/) | ''",
                "color:red/**/;width:expression(1) | ''",
                "position:fixed;top:0;behavior:url(x) | ''",
                "-moz-binding:url(x);color:var(--x) | ''"
            })
    void aStyleSaysWhatIsOnTheList(String style, String left) {
        assertThat(Jsoup.parse(MailHtml.document("<p style=\"" + style + "\">x</p>"))
                        .select("p")
                        .attr("style"))
                .isEqualTo(left);
    }

    @Test
    void looksAsItWasMeant() {
        String plain =
                "<table border=\"1\" cellpadding=\"2\"><tbody><tr><td colspan=\"2\" bgcolor=\"#eee\"><b>x</b></td></tr>"
                        + "</tbody></table>";
        assertThat(body(plain).replaceAll(">\\s+<", "><").strip()).isEqualTo(plain);
        assertThat(body("<a href=\"https://example.org/\">there</a>"))
                .isEqualTo("<a title=\"https://example.org/\">there</a>");
    }

    @Test
    void nestingWithoutEndIsShown() {
        assertThat(MailHtml.document("<div>".repeat(100_000) + "deep")).contains("deep");
        assertThat(MailHtml.document("<p style=\"" + "color:red;".repeat(100_000) + "\">x</p>"))
                .contains("x</p>");
        assertThat(MailHtml.document("<p style=\"color:" + "a".repeat(500_000) + "\">x</p>"))
                .contains("x</p>");
        assertThat(MailHtml.text("<div>".repeat(13_000) + "deep")).contains("deep");
    }
}
