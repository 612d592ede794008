package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** What a reader and an operator do with it. */
class BrowserTest extends InBrowser {

    @Test
    void aMessageAppearsWithoutReload() {
        browser.run("window.since = 'before'");
        scene.send("Lunch at noon?", "\r\nFish again.\r\n");
        browser.await("#said", "New mail: Lunch at noon?");
        browser.await("#mails-rows button", "Lunch at noon?").click();
        browser.await("#mail pre", "Fish again.");
        assertThat(browser.run("return window.since")).isEqualTo("before");
        browser.await("#replies-rows", "relayed as");

        browser.driver.navigate().refresh();
        browser.await("#mails-rows button", "Lunch at noon?");
        browser.await("#health", "up");
        assertThat(browser.element("#said").getText()).as("it is not new").isEmpty();
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
        String page = browser.await("#replies-rows details[open] a", "its page").getDomProperty("href");
        assertThat(page).isEqualTo(scene.address() + "/console/errors/AUTH_CREDENTIALS_INVALID");
        browser.await("#replies-rows", StandardReply.AUTH_CREDENTIALS_INVALID.advice());
    }

    @Test
    void theSpoolIsShownAndSteered(@TempDir Path directory) throws IOException {
        assertThat(browser.element("#spool").isDisplayed()).isFalse();
        try (Scene spooled = Scene.spooled(Console.create(), directory.resolve("spool"))) {
            for (String subject : List.of("one", "two", "three")) {
                spooled.send(subject, "\r\nx\r\n");
            }
            browser.driver.get(spooled.address());
            awaitSpool("Waiting\n3", "deferred\n3");
            browser.await("#spool-accounts", "example.org 3");

            steer(1, "Hold", "Held");
            awaitSpool("held\n1");
            browser.element("#spool-state option[value=held]").click();
            browser.await("one row", () -> browser.elements("#spool-rows tr").size() == 1);
            browser.element("#spool-rows button").click();
            browser.await("#spooled", "450 4.2.1 <b>busy</b>");
            assertThat(browser.axe()).isEmpty();
            browser.element("#spooled .bar button").click();
            browser.element("#spool-account").sendKeys("nobody", Keys.ENTER);
            browser.await("no row", () -> browser.elements("#spool-rows tr").isEmpty());
            browser.element("#spool-account").clear();
            browser.element("#spool-domain").sendKeys("EXAMPLE.net", Keys.ENTER);
            browser.await("one row", () -> browser.elements("#spool-rows tr").size() == 1);
            browser.element("#spool-domain").clear();
            browser.element("#spool-state option").click();
            browser.await("all rows", () -> browser.elements("#spool-rows tr").size() == 3);

            suspendAndResume();

            button(2, "Bounce").click();
            browser.await("#agree", "Its sender is told");
            assertThat(browser.axe()).isEmpty();
            browser.press(Keys.ENTER); // to cancel is what has the focus
            browser.await(
                    "the question's end", () -> browser.elements("#agree[open]").isEmpty());
            button(3, "Remove").click();
            browser.await("#agree-yes", "Remove").click();
            browser.await("#said", "Removed: message");
            awaitSpool("Waiting\n2");
            spooled.upstreamWorks.set(true);
            button(2, "Bounce").click();
            browser.await("#agree-yes", "Bounce").click();
            browser.await("#said", "Given up: message");
            steer(1, "Release", "Released, to be tried now");
            awaitSpool("Waiting\n0", "relayed\n2"); // with the notice
        }
    }

    /** By keys alone: a domain from a message's row, and an account by its name. */
    private void suspendAndResume() throws IOException {
        browser.element("#suspend-for option[value='86400']").click();
        button(1, "Suspend").sendKeys(Keys.ENTER);
        browser.await("#suspend", "Suspend");
        assertThat(browser.axe()).isEmpty();
        assertThat(browser.run("return document.getElementById('suspend-time').value"))
                .isEqualTo("86400");
        browser.press(Keys.ARROW_DOWN); // from the account to the domain
        browser.tabTo("#suspend button[value=yes]");
        browser.press(Keys.ENTER);
        browser.await("#suspended-rows tr", "domain example.net");
        browser.await("#said", "Suspended: domain example.net");
        assertThat(browser.run("return document.activeElement.textContent")).isEqualTo("Suspend");

        browser.tabTo("#suspend-name");
        browser.press("EXAMPLE.org", Keys.ENTER);
        browser.await("#suspended-rows tr", "account example.org");
        browser.await("#spool-rows tr:last-child", "suspended");
        assertThat(browser.axe()).isEmpty();
        assertThat(browser.run(ALL_REACHABLE)).isEqualTo(List.of());
        for (String what : List.of("account example.org", "domain example.net")) {
            browser.tabTo("#suspended-rows button[aria-label='Resume " + what + "']");
            browser.press(Keys.ENTER);
            browser.await("#said", "Resumed: " + what);
            browser.awaitGone("#suspended-rows tr", what);
        }
        browser.await("#suspended-none", "Nothing is suspended");
    }

    private void awaitSpool(String... figures) {
        for (String figure : figures) {
            browser.await("#spool-figures div", figure);
        }
    }

    private WebElement button(int row, String label) {
        return browser.element("#spool-rows tr:nth-child(" + row + ") button[aria-label^='" + label + "']");
    }

    private void steer(int row, String label, String says) {
        button(row, label).click();
        browser.await("#said", says);
    }

    @Test
    void pausesAndResumes() {
        browser.await("#pause", "Pause").click();
        browser.await("#health", "paused");
        browser.await("#resume", "Resume").click();
        browser.await("#health", "up");
    }

    /** A snapshot from before the order, which comes right behind it, would show the wrong one of the two buttons. */
    @Test
    void aSnapshotFromBeforeAnOrderDoesNotHideIt() {
        assertThat(browser.runUntilDone("""
                const done = arguments[arguments.length - 1];
                const parse = JSON.parse;
                const now = performance.now();
                let before;
                performance.now = () => now;
                JSON.parse = (text) => {
                    const snapshot = parse(text);
                    if (before === undefined) {
                        before = snapshot;
                        document.getElementById("pause").click();
                    } else if (document.getElementById("health").textContent === "paused") {
                        JSON.parse = parse;
                        setTimeout(() => {
                            delete performance.now;
                            done(document.getElementById("health").textContent);
                        });
                        return before;
                    }
                    return snapshot;
                };
                """)).isEqualTo("paused");
        browser.await("#resume", "Resume").click();
        browser.await("#health", "up");
    }

    @Test
    void theKeyboardAloneReachesEverything() {
        scene.send("by keyboard", "\r\nkeys alone\r\n");
        browser.await("#mails-rows button", "by keyboard");
        try (SmtpProbe probe = scene.session()) {
            browser.await("#sessions-rows tr", ":" + probe.localPort());
            browser.run("document.activeElement.blur(); window.scrollTo(0, 0)");
            browser.driver.switchTo().activeElement().sendKeys(Keys.TAB);
            assertThat(browser.run("return document.activeElement.className")).isEqualTo("skip");
            // all that a mouse can use is come across by Tab, and is seen to have the focus
            Object missed = browser.run(ALL_REACHABLE);
            assertThat(missed).isEqualTo(List.of());

            browser.tabTo("#account");
            browser.press("example.org", Keys.ENTER);
            browser.await("#quota-answer", "of 1,000");
            browser.tabTo("#search");
            browser.press("keyboard");
            browser.await("#mails-count", "1 found");
            browser.tabTo("#mails-rows button");
            browser.press(Keys.ENTER);
            browser.await("#mail pre", "keys alone");
            browser.tabTo("#mail .bar button:nth-of-type(5)");
            browser.press(Keys.SPACE);
            browser.await("#mail pre", "Subject: by keyboard");
            browser.tabTo("#mail .bar:last-child button");
            browser.press(Keys.ENTER);
            assertThat(browser.run("return document.activeElement.textContent")).isEqualTo("by keyboard");
            browser.tabTo("#pause");
            browser.press(Keys.ENTER);
            browser.await("#health", "paused");
            assertThat(browser.run("return document.activeElement.id")).isEqualTo("resume");
            browser.press(Keys.ENTER);
            browser.await("#health", "up");
            browser.tabTo("#sessions-rows button");
            browser.press(Keys.ENTER);
            assertThat(probe.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        }
    }

    /** What can be used, is seen, and has no place in the order of Tab. */
    private static final String ALL_REACHABLE = """
        return [...document.querySelectorAll('a, button, input, summary, select, iframe, [onclick], .wide')]
            .filter((each) => each.checkVisibility() && each.tabIndex < 0).map((each) => each.outerHTML)
        """;

    @ParameterizedTest
    @ValueSource(strings = {"dark", "light"})
    void axeFindsNothing(String scheme) throws IOException {
        browser.prefer(scheme);
        scene.send("for everybody", Hostile.mail("http://127.0.0.1:9"));
        try (SmtpProbe probe = scene.session()) {
            probe.mail("<nobody");
            browser.await("#refusals-rows", "501 5.5.4");
            browser.await("#replies-rows summary", "501 5.5.4").click();
            browser.await("#mails-rows button", "for everybody").click();
            browser.await("#mail .bar button", "HTML").click();
            assertThat(browser.axe()).isEmpty();
        }
    }

    @Test
    void theTokenIsAskedForAndKeptForTheTab() throws IOException {
        try (Scene guarded = Scene.guarded(Console.create().withMails(10, 1 << 20))) {
            browser.driver.get(guarded.address());
            browser.await("#token-says", "asks for its token");
            assertThat(browser.axe()).isEmpty();
            browser.press("not the token at all", Keys.ENTER);
            browser.await("#token-says", "That was not the token");
            browser.press(Scene.TOKEN, Keys.ENTER);
            browser.await("#health", "up");
            guarded.send("guarded", "Content-Type: text/html\r\n\r\n<p>seen\r\n");
            browser.await("#mails-rows button", "guarded").click();
            browser.driver.switchTo().frame(browser.await("#mail iframe", ""));
            browser.await("p", "seen");
            browser.driver.switchTo().defaultContent();
            browser.driver.navigate().refresh();
            browser.await("#health", "up");
            assertThat(browser.run("return localStorage.length + document.cookie.length"))
                    .isEqualTo(0L);
        }
    }
}
