package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalNameTest {

    @ParameterizedTest
    @CsvSource({
        "alice@example.org, alice@example.org",
        "ALICE@Example.ORG, alice@example.org",
        "Alice, alice",
        "J\u00dcRGEN@B\u00dcCHER.example, j\u00fcrgen@xn--bcher-kva.example",
        "Ju\u0308rgen@bu\u0308cher.example, j\u00fcrgen@xn--bcher-kva.example",
        "j\u00fcrgen@xn--BCHER-kva.example, j\u00fcrgen@xn--bcher-kva.example",
        "J\u00fcrgen, j\u00fcrgen",
        "\u0130lke, i\u0307lke",
        "\u212aarl, karl", // KELVIN SIGN is canonically a K
        "a@B@Example.org, a@b@example.org",
        "A@[IPv6:2001:DB8::1], a@[ipv6:2001:db8::1]",
        "'Ann Smith', ann smith",
        "@Example.org, @example.org",
        "Ann@, ann@",
    })
    void ofAUser(String typed, String canonical) {
        assertThat(CanonicalName.ofUser(typed)).isEqualTo(canonical);
        assertThat(CanonicalName.ofUser(canonical)).as("its own form").isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "ACME, acme",
        "B\u00fccher.Example, b\u00fccher.example", // no domain, but a name
        "M\u00dcLLER GmbH, m\u00fcller gmbh",
        "Mu\u0308ller GmbH, m\u00fcller gmbh",
    })
    void ofAnAccount(String given, String canonical) {
        assertThat(CanonicalName.ofAccount(given)).isEqualTo(canonical);
        assertThat(CanonicalName.ofAccount(canonical)).isEqualTo(canonical);
    }

    /** Look-alikes are somebody else. */
    @Test
    void namesThatOnlyLookAlikeStayDifferent() {
        List<String> names = List.of(
                "alice",
                "al\u0131ce", // dotless i
                "\u0430lice", // Cyrillic a
                "al\u00ecce",
                "alice ",
                "\uff41lice", // full width
                "a\u200dlice",
                "stra\u00dfe",
                "strasse",
                "ni\u03ba\u03bf\u03c2",
                "ni\u03ba\u03bf\u03c3",
                "ma\u00f1ana",
                "manana",
                "\"alice\"",
                "alice@example.org",
                "alice@sub.example.org",
                "alice@example.org.");
        Set<String> canonical = new HashSet<>();
        names.forEach(name -> canonical.add(CanonicalName.ofUser(name)));
        assertThat(canonical).hasSameSizeAs(names);
    }

    /** For every character there is, alone and with an accent behind it. */
    @Test
    void theFormIsItsOwnForm() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (Character.isDefined(codePoint) && Character.getType(codePoint) != Character.SURROGATE) {
                String c = Character.toString(codePoint);
                for (String name : new String[] {c, "a" + c + "\u0301", c + "\u0323\u0307"}) {
                    String canonical = CanonicalName.ofAccount(name);
                    if (!CanonicalName.ofAccount(canonical).equals(canonical)
                            || !Normalizer.isNormalized(canonical, Normalizer.Form.NFC)) {
                        throw new AssertionError("U+" + Integer.toHexString(codePoint));
                    }
                }
            }
        }
    }
}
