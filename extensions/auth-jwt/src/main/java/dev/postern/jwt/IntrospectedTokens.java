package dev.postern.jwt;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;

/** Asks the issuer about each token (RFC 7662). */
final class IntrospectedTokens implements TokenReader {

    private final Http http;
    private final URI uri;
    private final String authorization;

    IntrospectedTokens(Http http, URI uri, String clientId, String clientSecret) {
        this.http = http;
        this.uri = uri;
        String both = encoded(clientId) + ":" + encoded(clientSecret); // RFC 6749 section 2.3.1
        authorization = "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.US_ASCII));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public JWTClaimsSet read(String token) throws RefusedTokenException, UnavailableException {
        HttpRequest request = http.request(uri)
                .header("Authorization", authorization)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + encoded(token) + "&token_type_hint=access_token"))
                .build();
        String answer = new String(http.await(http.send(request), uri), StandardCharsets.UTF_8);
        try {
            Map<String, Object> says = JSONObjectUtils.parse(answer);
            if (!(says.get("active") instanceof Boolean active)) {
                throw new UnavailableException(uri + ": does not say whether the token is active");
            }
            if (!active) {
                throw new RefusedTokenException("the issuer says that it is not active");
            }
            return TokenReader.parsed(says);
        } catch (ParseException | IllegalArgumentException e) {
            throw new UnavailableException(uri + ": no answer as RFC 7662 has it");
        }
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
