package dev.postern.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** Checks what a builder is given; a failure names the parameter. */
final class Parameters {

    private static final Pattern ATTRIBUTE =
            Pattern.compile("[A-Za-z][A-Za-z0-9-]*|[0-9]+(\\.[0-9]+)+"); // RFC 4512 1.4

    private Parameters() {}

    static URI server(String url) {
        try {
            URI server = new URI(url);
            boolean known = "ldap".equals(server.getScheme()) || "ldaps".equals(server.getScheme());
            if (known
                    && server.getHost() != null
                    && server.getUserInfo() == null
                    && (server.getRawPath().isEmpty() || server.getRawPath().equals("/"))
                    && server.getRawQuery() == null
                    && server.getRawFragment() == null) {
                return server;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("url must be ldaps://host[:port] or ldap://host[:port]", e);
        }
        throw new IllegalArgumentException("url must be ldaps://host[:port] or ldap://host[:port], and nothing more");
    }

    static String attribute(String parameter, String name) {
        if (!ATTRIBUTE.matcher(name).matches()) {
            throw new IllegalArgumentException(parameter + ": not an attribute's name: " + name);
        }
        return name;
    }

    static DN dn(String parameter, String name) {
        try {
            DN dn = new DN(name);
            if (!dn.isNullDN()) {
                return dn;
            }
        } catch (LDAPException e) {
            throw new IllegalArgumentException(parameter + ": not a distinguished name: " + name, e);
        }
        throw new IllegalArgumentException(parameter + " must not be empty");
    }
}
