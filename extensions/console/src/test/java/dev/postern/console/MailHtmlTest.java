package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.util.Locale;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left of a mail's HTML. */
@OnAnyJdk
class MailHtmlTest {

    private static String document(String html) {
        return MailHtml.document(new MailReader.Html(html, Map.of()));
    }

    private static String body(String html) {
        return Jsoup.parse(document(html)).body().html();
    }

    @Test
    void nothingOfAHostileMailLoadsRunsSubmitsOrLeads() {
        Document clean = Jsoup.parse(document(Hostile.html("http://evil.example")));
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
        assertThat(Jsoup.parse(document("<p style=\"" + style + "\">x</p>"))
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
    void aPictureOfTheMailIsPartOfItAndAnotherIsNot() {
        Picture picture = Picture.of(Hostile.PNG).orElseThrow();
        Document shown = Jsoup.parse(MailHtml.document(new MailReader.Html(
                "<img alt=one src=cid:logo@example.org><img alt=two src='CID:a%2Bb+c'><img alt=three src=cid:other>"
                        + "<img alt=four src=http://127.0.0.1:9/x><img alt=five src='data:image/png;base64,AAAA'>"
                        + "<img alt=six src=logo@example.org><img alt=seven src=\" cid:logo@example.org\">"
                        + "<img alt=eight src=cid:%zz><td background=cid:logo@example.org><p src=cid:logo@example.org>",
                Map.of("logo@example.org", picture, "a+b+c", picture))));
        assertThat(shown.select("[src]").eachAttr("alt")).containsExactly("one", "two");
        assertThat(shown.select("[src]").eachAttr("src")).containsOnly(picture.uri());
        assertThat(shown.select("img")).hasSize(8);
        assertThat(shown.html()).doesNotContain("background=", "127.0.0.1");
    }

    @Test
    void picturesAreShownAsLongAsThereIsRoom() {
        Picture large = new Picture("image/png", new byte[3 << 20]);
        String shown = MailHtml.document(new MailReader.Html("<img src=cid:a>".repeat(1000), Map.of("a", large)));
        assertThat(shown.split(" src=", -1)).as("twice").hasSize(3);
        assertThat(shown).hasSizeLessThan(13 << 20);
    }

    @Test
    void nestingWithoutEndIsShown() {
        assertThat(document("<div>".repeat(100_000) + "deep")).contains("deep");
        assertThat(document("<p style=\"" + "color:red;".repeat(100_000) + "\">x</p>"))
                .contains("x</p>");
        assertThat(document("<p style=\"color:" + "a".repeat(500_000) + "\">x</p>"))
                .contains("x</p>");
        assertThat(MailHtml.text("<div>".repeat(13_000) + "deep")).contains("deep");
    }
}
