package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TakesScreenshot;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Takes the pictures of docs/console.md anew. */
@Needs({Tool.CHROMIUM, Tool.CHROMEDRIVER})
@EnabledIfSystemProperty(named = "postern.docs", matches = "write")
class PicturesTest {

    private static final Path DOCS = Path.of("..", "..", "docs");
    private static final String LUNCH = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: text/html\r\n\r\n<div style=\"font-family:sans-serif;padding:12px\">"
            + "<h1 style=\"color:#2b6cb0\">Your order is on its way</h1><p>Dear Bob,</p><p>order <b>4711</b> has left our"
            + " house. <a href=\"https://shop.example.org/4711\">Follow it</a>.</p>"
            + "<img src=\"https://shop.example.org/pixel.gif\" alt=\"(a picture that is not loaded)\"></div>\r\n"
            + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=invoice.pdf\r\n\r\n"
            + "%PDF-1.4\r\n--b--\r\n";

    @Test
    void takesThem() throws IOException {
        try (Scene scene = Scene.open(Console.create().withMails(100, 16 << 20));
                Browser browser = new Browser()) {
            browser.driver.manage().window().setSize(new Dimension(1100, 1000));
            browser.prefer("light");
            browser.driver.get(scene.address());
            browser.await("#health", "up");
            long start = System.nanoTime();
            int sent = 0;
            while (System.nanoTime() - start < Duration.ofSeconds(30).toNanos()) {
                for (int i = 0; i < 1 + sent % 7; i++) {
                    scene.send("Weekly report " + ++sent, "\r\nAll is well.\r\n");
                }
                try (SmtpProbe probe = scene.session()) {
                    if (sent % 3 == 0) {
                        probe.mail("<nobody");
                    }
                    probe.mail(Scene.ANN);
                    probe.rcpt("bob@example.net");
                    probe.data("From: eve@example.com\r\n\r\nnot hers\r\n");
                }
                browser.await("#accepted", Integer.toString(sent));
            }
            scene.send("Your order is on its way", LUNCH);
            try (SmtpProbe probe = scene.session()) {
                assertThat(probe.mail(Scene.ANN)).hasCode(250);
                browser.await("#sessions-rows", "envelope");
                browser.await("#mails-rows", "Your order");
                picture(browser.driver, "console.png");
                browser.driver.manage().window().setSize(new Dimension(1100, 1500));
                browser.prefer("dark");
                browser.await("#mails-rows button", "Your order").click();
                new WebDriverWait(browser.driver, Duration.ofSeconds(10))
                        .until(now -> !browser.elements("#mail iframe").isEmpty());
                for (String id : List.of("figures", "replies", "sessions", "upstreams", "quota")) {
                    browser.run("document.getElementById(arguments[0]).hidden = true", id);
                }
                browser.run(
                        "document.querySelectorAll('#mails-rows tr:nth-of-type(n+6)').forEach((row) => row.hidden = true)");
                picture(browser.element("#mails"), "console-mail.png");
            }
        }
    }

    private static void picture(TakesScreenshot of, String name) throws IOException {
        Files.write(DOCS.resolve(name), of.getScreenshotAs(OutputType.BYTES));
    }
}
