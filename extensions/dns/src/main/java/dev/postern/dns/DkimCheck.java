package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The public key of one selector (RFC 6376 section 3.6.1). */
record DkimCheck(PublishedKey key) implements Check {

    @Override
    public CompletableFuture<Result> of(String domain, Txt txt) {
        return txt.at(name(domain)).thenApply(answer -> {
            String problem = problem(answer.texts());
            if (problem.isEmpty()) {
                return Result.met(Requirement.DKIM, name(domain), answer, key.record());
            }
            State state = answer.texts().isEmpty() ? State.MISSING : State.WRONG;
            return Result.of(Requirement.DKIM, state, name(domain), answer, problem, key.record());
        });
    }

    private String problem(List<String> texts) {
        if (texts.isEmpty()) {
            return "there is no DKIM key";
        }
        if (texts.size() > 1) {
            return "there is more than one TXT record, and a verifier may take any of them (RFC 6376 section 3.6.2.2)";
        }
        if (Tags.isAnyTwice(texts.get(0))) {
            return "a tag stands twice in the record, so that none counts (RFC 6376 section 3.2)";
        }
        Map<String, String> tags = Tags.parse(texts.get(0));
        boolean version = tags.getOrDefault("v", "DKIM1").equals("DKIM1");
        boolean type = tags.getOrDefault("k", "rsa").toLowerCase(Locale.ROOT).equals(key.type());
        if (!version || !type) {
            return "the record is of another version or key type";
        }
        if (!listed(tags.get("h"), "sha256") || !listed(tags.getOrDefault("s", "*"), "email")) {
            return "the record does not allow signatures of mail with SHA-256";
        }
        String published = tags.getOrDefault("p", "").replaceAll("\\s", "");
        if (published.isEmpty()) {
            return "the key is revoked: its p= is empty or missing";
        }
        return matches(published) ? "" : "the record has another key than the relay signs with";
    }

    private static boolean listed(@Nullable String list, String wanted) {
        return list == null
                || Arrays.stream(list.split(":"))
                        .map(String::strip)
                        .anyMatch(each -> each.equals(wanted) || each.equals("*"));
    }

    private boolean matches(String published) {
        byte[] octets;
        try {
            octets = Base64.getDecoder().decode(published);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return Arrays.equals(octets, key.octets()) || key.key() instanceof RSAPublicKey rsa && isSame(rsa, octets);
    }

    /** Two encodings of one RSA key may differ, for instance in the parameters of the algorithm. */
    private static boolean isSame(RSAPublicKey key, byte[] encoded) {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded))
                            instanceof RSAPublicKey other
                    && other.getModulus().equals(key.getModulus())
                    && other.getPublicExponent().equals(key.getPublicExponent());
        } catch (GeneralSecurityException e) {
            return isBare(key, encoded);
        }
    }

    /** Some publish the bare RSAPublicKey of RFC 8017, as the text of RFC 6376 section 3.6.1 has it. */
    private static boolean isBare(RSAPublicKey key, byte[] encoded) {
        byte[] whole = key.getEncoded();
        int start = whole.length - encoded.length;
        return start > 0
                && encoded.length > key.getModulus().bitLength() / 8
                && Arrays.equals(whole, start, whole.length, encoded, 0, encoded.length)
                && encoded[0] == 0x30; // the sequence that the encoded key ends with
    }

    @Override
    public Finding unknown(String domain) {
        return Check.unknown(Requirement.DKIM, name(domain), key.record());
    }

    private String name(String domain) {
        return key.selector() + "._domainkey." + domain;
    }
}
