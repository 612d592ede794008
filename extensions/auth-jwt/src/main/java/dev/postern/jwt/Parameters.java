package dev.postern.jwt;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;

/** Checks what a builder is given; a failure names the parameter. */
final class Parameters {

    private Parameters() {}

    static String present(String parameter, String text) {
        if (Objects.requireNonNull(text, parameter).isEmpty()) {
            throw new IllegalArgumentException(parameter + " must not be empty");
        }
        return text;
    }

    static URI uri(String parameter, String text) {
        try {
            URI uri = new URI(Objects.requireNonNull(text, parameter));
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(parameter + " must be https://..., or http://...", e);
        }
        throw new IllegalArgumentException(parameter + " must be https://..., or http://..., without a user");
    }
}
