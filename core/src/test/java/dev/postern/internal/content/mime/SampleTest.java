package dev.postern.internal.content.mime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnAnyJdk
class SampleTest {

    private static void add(Sample sample, String text) {
        byte[] octets = (":" + text + ":").getBytes(StandardCharsets.ISO_8859_1);
        sample.octets(octets, 1, octets.length - 1);
    }

    private static List<String> readings(Sample sample) {
        return sample.readings().stream()
                .map(each -> new String(each, StandardCharsets.ISO_8859_1))
                .toList();
    }

    @Test
    void itHasWhatCameInItsOrder() {
        Sample sample = new Sample();
        assertThat(readings(sample)).containsExactly("");
        sample.octet('a');
        add(sample, "bc");
        sample.octet('d');
        add(sample, "x".repeat(600));
        sample.octet('e');
        assertThat(readings(sample)).containsExactly("abcd" + "x".repeat(600) + "e");
    }

    @Test
    void itHasTheFirstOctetsAndNoMore() {
        String most = "ab".repeat(Sample.MOST / 2);
        Sample byRuns = new Sample();
        add(byRuns, most.substring(1));
        assertThat(byRuns.wantsMore()).isTrue();
        add(byRuns, "xyz");
        assertThat(byRuns.wantsMore()).isFalse();
        add(byRuns, "xyz");
        byRuns.octet('y');
        assertThat(readings(byRuns)).containsExactly(most.substring(1) + "x");
        Sample byOctets = new Sample();
        most.chars().forEach(byOctets::octet);
        assertThat(byOctets.wantsMore()).isFalse();
        byOctets.octet('x');
        assertThat(readings(byOctets)).containsExactly(most);
    }

    @Test
    void whatSomeLeaveOutMakesTwoReadings() {
        Sample sample = new Sample();
        sample.doubtful('=');
        sample.octet('M');
        sample.doubtful('=');
        add(sample, "Z");
        assertThat(readings(sample)).containsExactly("=M=Z", "MZ");
    }

    @Test
    void eachReadingHasItsFirstOctets() {
        Sample sample = new Sample();
        add(sample, "a");
        for (int i = 1; i < Sample.MOST; i++) {
            sample.doubtful('=');
        }
        assertThat(sample.wantsMore()).isFalse();
        add(sample, "b");
        String all = "a" + "=".repeat(Sample.MOST - 1);
        assertThat(readings(sample)).containsExactly(all, "ab");
        add(sample, "c".repeat(Sample.MOST));
        assertThat(readings(sample)).containsExactly(all, "ab" + "c".repeat(Sample.MOST - 2));
    }

    @Test
    void whatSomeLeaveOutBehindItsEndMakesNone() {
        Sample sample = new Sample();
        add(sample, "a".repeat(Sample.MOST));
        sample.doubtful('=');
        assertThat(readings(sample)).containsExactly("a".repeat(Sample.MOST));
    }

    @Test
    void whatSomeLeaveOutMayBeAllThereIs() {
        Sample sample = new Sample();
        sample.doubtful('=');
        assertThat(readings(sample)).containsExactly("=", "");
        sample.doubtful('=');
        add(sample, "M");
        assertThat(readings(sample)).containsExactly("==M", "M");
    }
}
