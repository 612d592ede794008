package dev.postern.console;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page in a real browser, while a relay works. */
@Needs({Tool.CHROMIUM, Tool.CHROMEDRIVER})
class BrowserTest {

    private static Scene scene;
    private static Browser browser;

    @BeforeAll
    static void start() {
        scene = Scene.open(Console.create().withMails(300, 32 << 20));
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
    private static void suspendAndResume() throws IOException {
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

    private static void awaitSpool(String... figures) {
        for (String figure : figures) {
            browser.await("#spool-figures div", figure);
        }
    }

    private static WebElement button(int row, String label) {
        return browser.element("#spool-rows tr:nth-child(" + row + ") button[aria-label^='" + label + "']");
    }

    private static void steer(int row, String label, String says) {
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

    /** First the mail's HTML as it is, to see that this server would count and that the title would change. */
    @Test
    void aHostileMailDoesNothing() throws IOException {
        try (Counter elsewhere = new Counter()) {
            browser.driver.get(elsewhere.hostilePage());
            browser.awaitDialogue();
            browser.leaveInSpiteOfDialogues();
            assertThat(elsewhere.requests()).isPositive();
            open();
            elsewhere.forget();

            scene.send("<img src=x onerror=alert(1)>", Hostile.mail(elsewhere.address()));
            browser.await("#mails-rows button", "<img src=x onerror=alert(1)>").click();
            browser.await("#mail h3", "<img src=x onerror=alert(1)>");
            browser.await("#mail pre", "<script>alert(1)</script>");
            for (String view : List.of("Headers", "Attachments (1)", "Source", "HTML")) {
                browser.await("#mail .bar button", view).click();
            }
            browser.driver.switchTo().frame(browser.await("#mail iframe", ""));
            browser.await("p", "visible words");
            browser.driver.switchTo().defaultContent();
            // the frame's origin is none of ours: not even a script of the page can look into it
            assertThat(browser.run("return document.querySelector('#mail iframe').contentDocument"))
                    .isNull();
            assertThat(browser.element("#mail iframe").getDomAttribute("sandbox"))
                    .isEmpty();
            scene.send("the next one", "\r\nx\r\n");
            browser.await("#mails-rows button", "the next one"); // it goes on, and a dialogue would hold it up
            assertThat(browser.driver.getTitle()).isEqualTo("Postern");
            assertThat(browser.driver.getCurrentUrl()).isEqualTo(scene.address() + "/");
            assertThat(browser.run("return document.querySelectorAll('main img, main svg, main script').length"))
                    .isEqualTo(0L);
            assertThat(elsewhere.requests()).isZero();
        }
    }

    /** First as they are, to see that they work in this browser: those that do not are for others. */
    @Test
    void noTrapInAMailWorks() throws IOException {
        try (Counter elsewhere = new Counter()) {
            browser.driver.get(elsewhere.traps());
            browser.await("traps", () -> elsewhere.hits().size() >= TRAPS_THAT_WORK);
            browser.driver.get("about:blank");
            elsewhere.forget();

            open();
            List<String> mails = Traps.mails(elsewhere::hit);
            mails.forEach(scene::caught);
            browser.await("#mails-rows button", "trap " + (mails.size() - 1));
            assertThat(browser.runUntilDone(OPEN_ALL_TRAPS)).isEqualTo((long) mails.size());
            scene.send("after all traps", "\r\nx\r\n");
            browser.await("#mails-rows button", "after all traps");
            assertThat(elsewhere.hits()).isEmpty();
            assertThat(elsewhere.requests()).isZero();
            assertThat(browser.driver.getCurrentUrl()).isEqualTo(scene.address() + "/");
            assertThat(browser.run(FOREIGN)).isEqualTo(List.of());
        }
    }

    private static final int TRAPS_THAT_WORK = 80;

    /** Opens each of these mails and each of its views, waits for the frame, and returns how many there were. */
    private static final String OPEN_ALL_TRAPS = """
        const done = arguments[arguments.length - 1];
        const views = () => [...document.querySelectorAll('#mail [aria-pressed]')];
        const until = async (holds) => {
            while (!holds()) { await new Promise((resolve) => setTimeout(resolve, 5)); }
        };
        (async () => {
            let opened = 0;
            for (const row of document.querySelectorAll('#mails-rows button')) {
                if (!row.textContent.startsWith('trap ')) continue;
                document.querySelector('#mail').replaceChildren();
                row.click();
                await until(() => views().length === 5);
                for (const view of views()) {
                    view.click();
                    const frame = document.querySelector('#mail iframe');
                    if (frame) await new Promise((resolve) => frame.addEventListener('load', resolve));
                    await until(() => document.querySelector('#mail pre')?.textContent !== '…');
                }
                opened++;
            }
            return opened;
        })().then(done, (e) => done(String(e)));
        """;

    /** What a mail may have made of the page. */
    private static final String FOREIGN = """
        return [...document.querySelectorAll('*')].filter((each) => each.namespaceURI !== 'http://www.w3.org/1999/xhtml'
            || each.matches('main :is(img, script, style, form form, object, embed, template, base, meta, link)')
            || [...each.attributes].some(({ name }) => name.startsWith('on'))).map((each) => each.outerHTML)
        """;

    @Test
    void aPictureOfTheMailIsShownAndNoOther() throws IOException {
        try (Counter elsewhere = new Counter()) {
            scene.caught("From: ann@example.org\r\nSubject: pictures\r\nMIME-Version: 1.0\r\n"
                    + "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
                    + "<img id=a alt=logo width=30 src=cid:logo><img alt=drawing src=cid:svg><img alt=remote src="
                    + elsewhere.hit(0) + ">\r\n--b\r\nContent-ID: <logo>\r\nContent-Type: image/png\r\n"
                    + "Content-Transfer-Encoding: base64\r\n\r\n"
                    + Base64.getEncoder().encodeToString(Hostile.PNG)
                    + "\r\n--b\r\nContent-ID: <svg>\r\nContent-Type: image/svg+xml\r\n\r\n"
                    + "<svg xmlns='http://www.w3.org/2000/svg'/>\r\n--b--\r\n");
            browser.await("#mails-rows button", "pictures").click();
            browser.driver.switchTo().frame(browser.await("#mail iframe", ""));
            browser.await(
                    "a picture that is drawn",
                    () -> browser.elements("img").size() == 3
                            && "1".equals(browser.elements("img").get(0).getDomProperty("naturalWidth")));
            assertThat(browser.elements("img"))
                    .extracting(image -> image.getDomProperty("naturalWidth"))
                    .containsExactly("1", "0", "0");
            browser.driver.switchTo().defaultContent();
            assertThat(elsewhere.requests()).isZero();
        }
    }

    @Test
    void tenThousandAttachmentsAreListedInPart() {
        scene.caught(Hostile.attachments(10_000));
        browser.await("#mails-rows button", "many").click();
        browser.await("#mail .bar button", "Attachments (10000)").click();
        browser.await("#mail", "and 9500 more");
        assertThat(browser.elements("#mail li a")).hasSize(500);
        assertThat(browser.elements("#mail li b")).isEmpty();
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
