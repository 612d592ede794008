package dev.postern.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which octets are a picture. */
@OnAnyJdk
class PictureTest {

    private static final String JPEG =
            "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8Q"
                    + "EBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==";

    @ParameterizedTest
    @CsvSource({
        "image/png, iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "image/gif, R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
        "image/webp, UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
        "image/webp, UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
        "image/webp, UklGRgoAAABXRUJQVlA4WAoAAAAAAAAAAAAAAAAA",
        "image/jpeg, " + JPEG
    })
    void isWhatItsOctetsAre(String type, String encoded) {
        byte[] octets = Base64.getDecoder().decode(encoded);
        Picture picture = Picture.of(octets).orElseThrow();
        assertThat(picture.type()).isEqualTo(type);
        assertThat(picture.uri())
                .isEqualTo("data:" + type + ";base64," + encoded)
                .hasSize((int) picture.uriLength());
        for (int length = 0; length < Math.min(10, octets.length); length++) {
            assertThat(Picture.of(Arrays.copyOf(octets, length)))
                    .as("%d octets", length)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "<?xml version='1.0'?><svg/>",
                "<html><script>alert(1)</script>",
                "BM            ",
                "RIFF    WAVEfmt                   ",
                "RIFF    WEBPABCD                  ",
                "GIF89b          ",
                "\u00ff\u00d8\u00ff\u00da\u0000\u0008              ",
                "\u00ff\u00d8\u00ff\u00e0\u0000\u0000\u0000\u0000\u0000\u0000"
            })
    void allElseIsNone(String octets) {
        assertThat(Picture.of(octets.getBytes(StandardCharsets.ISO_8859_1))).isEmpty();
    }

    /** A few octets that say that they are 30,000 pixels wide and high take 3.6 GB to be drawn. */
    @Test
    void aPictureThatIsTooLargeToBeDrawnIsNone() {
        byte[] png = Hostile.PNG.clone();
        png[18] = 0x75; // of the width 0x00000001
        assertThat(Picture.of(png)).isPresent();
        png[22] = 0x75; // of the height
        assertThat(Picture.of(png)).isEmpty();
        png[16] = (byte) 0xff;
        assertThat(Picture.of(png)).isEmpty();
        png[16] = 0;
        png[18] = 0;
        png[19] = 0;
        assertThat(Picture.of(png)).as("of no width").isEmpty();
    }
}
