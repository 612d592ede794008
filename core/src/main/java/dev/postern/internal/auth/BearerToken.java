package dev.postern.internal.auth;

import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.auth.scram.Attributes;
import dev.postern.internal.octets.Octets;
import dev.postern.settings.AuthSettings.TokenHelp;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Credentials;
import dev.postern.spi.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2: the client shows an access token in its first response. A token that
 * is refused is explained in a challenge before the refusal comes.
 */
final class BearerToken implements AuthGate.Exchange {

    private static final String SEPARATOR = "\u0001";
    private static final Pattern PAIR = Pattern.compile("[A-Za-z]+=[\\x20-\\x7e\\t\\r\\n]*");
    private static final Pattern AUTH = Pattern.compile("auth=bearer +([A-Z0-9._~+/-]+=*)", Pattern.CASE_INSENSITIVE);

    private final boolean standard;
    private final Optional<TokenHelp> help;
    private AuthResult.DenialReason reason = AuthResult.DenialReason.CREDENTIALS;

    private BearerToken(boolean standard, Optional<TokenHelp> help) {
        this.standard = standard;
        this.help = help;
    }

    static BearerToken oauthBearer(Optional<TokenHelp> help) {
        return new BearerToken(true, help);
    }

    static BearerToken xoauth2(Optional<TokenHelp> help) {
        return new BearerToken(false, help);
    }

    @Override
    public Step read(byte[] response) {
        return Octets.utf8(response, 0, response.length)
                .flatMap(this::credentials)
                .<Step>map(Step.Given::new)
                .orElseGet(Step.Malformed::new);
    }

    /**
     * Who it is, then pairs of keys and values, of which one is the token; each ends with a separator, and so does all.
     */
    private Optional<Credentials> credentials(String text) {
        List<String> pieces = List.of(text.split(SEPARATOR, -1));
        int end = pieces.size() - 2;
        if (end < 2 || !pieces.subList(end, pieces.size()).equals(List.of("", ""))) {
            return Optional.empty();
        }
        List<String> pairs = pieces.subList(1, end);
        List<String> tokens = pairs.stream()
                .map(AUTH::matcher)
                .filter(Matcher::matches)
                .map(match -> match.group(1))
                .toList();
        boolean wellFormed = tokens.size() == 1
                && pairs.stream().filter(pair -> pair.startsWith("auth=")).count() == 1
                && (standard
                        ? pairs.stream().allMatch(pair -> PAIR.matcher(pair).matches())
                        : pairs.size() == 1);
        return (standard ? userOfGs2(pieces.get(0)) : userOfXoauth2(pieces.get(0)))
                .filter(user -> wellFormed && AuthGate.isName(user))
                .map(user -> new Credentials(
                        standard ? "OAUTHBEARER" : "XOAUTH2",
                        user,
                        tokens.get(0).getBytes(StandardCharsets.US_ASCII)));
    }

    /** RFC 5801 section 4, without channel binding. The token alone may say who it is (RFC 7628 section 3.1). */
    private static Optional<String> userOfGs2(String header) {
        if (header.equals("n,,") || header.equals("y,,")) {
            return Optional.of("");
        }
        boolean named = header.length() > 5 && header.substring(1).startsWith(",a=") && header.endsWith(",");
        if (!named || "ny".indexOf(header.charAt(0)) < 0) {
            return Optional.empty();
        }
        String name = header.substring(4, header.length() - 1);
        return name.indexOf(',') < 0 ? Attributes.name(name) : Optional.empty();
    }

    private static Optional<String> userOfXoauth2(String piece) {
        String key = "user=";
        return piece.length() > key.length() && piece.startsWith(key)
                ? Optional.of(piece.substring(key.length()))
                : Optional.empty();
    }

    @Override
    public void denied(AuthResult.DenialReason why) {
        reason = why;
    }

    /** RFC 7628 section 3.2.2. What the settings have means nothing in JSON. */
    @Override
    public Optional<Reply> explanation() {
        String status = switch (reason) { // RFC 6750 section 3.1
            case CREDENTIALS -> "invalid_token";
            case SCOPE -> "insufficient_scope";
        };
        String more = help.map(known -> ",\"scope\":\"" + known.scope() + "\",\"openid-configuration\":\""
                        + known.openidConfiguration().toASCIIString() + "\"")
                .orElse("");
        String json = "{\"status\":\"" + status + "\",\"schemes\":\"bearer\"" + more + "}";
        return Optional.of(AuthGate.challenge(json));
    }
}
