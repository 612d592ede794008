package dev.postern.console;

import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** The page in a real browser of the class's own, while a relay works. */
@Needs({Tool.CHROMIUM, Tool.CHROMEDRIVER})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InBrowser {

    Scene scene;
    Browser browser;

    @BeforeAll
    void start() {
        scene = Scene.open(Console.create().withMails(300, 32 << 20));
        browser = new Browser();
    }

    @AfterAll
    void stop() {
        browser.close();
        scene.close();
    }

    @BeforeEach
    void open() {
        browser.driver.get(scene.address());
        browser.await("#health", "up");
        browser.await("#mails-count", "kept");
    }
}
