package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mails of strangers. */
class MailInBrowserTest extends InBrowser {

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
}
