package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page in a real browser, while a relay works. */
@Needs({Tool.CHROMIUM, Tool.CHROMEDRIVER})
class BrowserTest {

    private static Scene scene;
    private static Browser browser;

    @BeforeAll
    static void start() {
        scene = Scene.open(Console.create().withMails(100, 16 << 20));
        browser = new Browser();
    }

    @AfterAll
    static void stop() {
        browser.close();
        scene.close();
    }

    @BeforeEach
    void open() {
        browser.driver.get(scene.address());
        browser.await("#health", "up");
        browser.await("#mails-count", "kept");
    }

    @Test
    void aMessageAppearsWithoutReload() {
        browser.run("window.since = 'before'");
        scene.send("Lunch at noon?", "\r\nFish again.\r\n");
        browser.await("#said", "New mail: Lunch at noon?");
        browser.await("#mails-rows button", "Lunch at noon?").click();
        browser.await("#mail pre", "Fish again.");
        assertThat(browser.run("return window.since")).isEqualTo("before");
        browser.await("#replies-rows", "relayed as");
    }

    @Test
    void aSessionIsEndedByItsButton() {
        try (SmtpProbe probe = scene.session()) {
            String port = ":" + probe.localPort();
            browser.await("#sessions-rows tr", port);
            browser.element("#sessions-rows button[aria-label$='port " + probe.localPort() + "']")
                    .click();
            assertThat(probe.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
            browser.await("#said", "Ended: the session of ann@example.org");
            browser.awaitGone("#sessions-rows tr", port);
        }
    }

    @Test
    void aRefusalIsExplained() {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", scene.relay.port())) {
            assertThat(probe.readReply()).hasCode(220);
            probe.ehlo();
            assertThat(probe.authPlain("<b>eve</b>", "wrong")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        }
        browser.await("#refusals-rows", "535 5.7.8");
        browser.await("#replies-rows summary", "535 5.7.8").sendKeys(Keys.ENTER);
        browser.await("#replies-rows details[open]", "The operator should");
        browser.await("#replies-rows", StandardReply.AUTH_CREDENTIALS_INVALID.advice());
    }

    @Test
    void pausesAndResumes() {
        browser.await("#pause", "Pause").click();
        browser.await("#health", "paused");
        browser.await("#resume", "Resume").click();
        browser.await("#health", "up");
    }
}
