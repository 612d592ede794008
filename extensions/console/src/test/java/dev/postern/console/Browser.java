package dev.postern.console;

import dev.postern.tools.Tool;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.Alert;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.UnexpectedAlertBehaviour;
import org.openqa.selenium.UnhandledAlertException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.Wait;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Debian's Chromium, without a screen. For one thread. */
final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(100);

    /** Warns that it does not know this version's protocol, of which nothing is used that changes. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    /** In one question: each element by itself would be one more, and asks the driver for much code. */
    private static final String SHOWN = """
        return [...document.querySelectorAll(arguments[0])].find((each) => each.checkVisibility()
            && each.innerText.replace(/[\\t ]+/g, ' ').includes(arguments[1])) ?? null
        """;

    final ChromeDriver driver;

    Browser() {
        SELENIUM.setLevel(Level.SEVERE);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(Tool.CHROMIUM.path());
        options.setUnhandledPromptBehaviour(UnexpectedAlertBehaviour.IGNORE); // a test sees it
        options.addArguments(
                "--headless=new",
                "--no-sandbox", // root has none
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--window-size=1100,1500");
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(new File(Tool.CHROMEDRIVER.path()))
                        .usingAnyFreePort()
                        .build(),
                options);
        driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(3));
    }

    WebElement element(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> elements(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    private Wait<WebDriver> patiently() {
        return new WebDriverWait(driver, PATIENCE, POLL).ignoring(StaleElementReferenceException.class);
    }

    /** Waits for an element that is shown and has this text, and returns it. */
    WebElement await(String css, String text) {
        return Objects.requireNonNull(patiently().until(now -> (WebElement) run(SHOWN, css, text)));
    }

    void await(String what, BooleanSupplier holds) {
        new WebDriverWait(driver, PATIENCE, POLL).withMessage(what).until(now -> holds.getAsBoolean());
    }

    void awaitGone(String css, String text) {
        patiently().until(now -> run(SHOWN, css, text) == null);
    }

    @Nullable
    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Runs a script that calls its last argument when it is done. */
    @Nullable
    Object runUntilDone(String script) {
        return driver.executeAsyncScript(script);
    }

    /** Presses keys, wherever the focus is. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** Goes on by Tab alone until an element has the focus. */
    void tabTo(String css) {
        for (int i = 0; i < 200; i++) {
            new Actions(driver).sendKeys(Keys.TAB).perform(); // wherever the focus is, without a question where
            if (Boolean.TRUE.equals(run("return document.activeElement.matches(arguments[0])", css))) {
                return;
            }
        }
        throw new AssertionError("no Tab leads to " + css);
    }

    Alert awaitDialogue() {
        return Objects.requireNonNull(patiently().until(ExpectedConditions.alertIsPresent()));
    }

    void leaveInSpiteOfDialogues() {
        for (int dialogues = 0; dialogues < 100; dialogues++) {
            try {
                driver.get("about:blank");
                return;
            } catch (UnhandledAlertException e) {
                awaitDialogue().dismiss();
            }
        }
        throw new AssertionError("there is no end of dialogues");
    }

    /** What axe finds wrong with the page: rule and element. */
    @SuppressWarnings("unchecked")
    List<String> axe() throws IOException {
        try (InputStream in = Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"))) {
            // as the driver's, for the page's policy lets no other script in
            run(new String(in.readAllBytes(), StandardCharsets.UTF_8) + "; window.axe = axe;");
        }
        Object found = driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run().then((all) => done(all.violations.flatMap((rule) =>
                    rule.nodes.map((node) => `${rule.id}: ${node.html}: ${node.failureSummary}`))), (e) => done([String(e)]));
                """);
        return (List<String>) Objects.requireNonNull(found);
    }

    void prefer(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
