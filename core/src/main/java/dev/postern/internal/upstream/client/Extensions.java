package dev.postern.internal.upstream.client;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What the upstream offers (RFC 5321 section 4.1.1.1). */
public final class Extensions {

    private static final Pattern LIMIT = Pattern.compile("[1-9][0-9]{0,5}"); // RFC 9422 sections 4.1 and 4.2

    /** What a server without EHLO offers. */
    public static final Extensions NONE = new Extensions(Map.of());

    private final Map<String, String> parameters; // by keyword in upper case
    private final int maxMessages;
    private final int maxRecipients;

    private Extensions(Map<String, String> parameters) {
        this.parameters = parameters;
        this.maxMessages = limit(parameters, "MAILMAX");
        this.maxRecipients = limit(parameters, "RCPTMAX");
    }

    /** Reads the reply to EHLO; its first line is the server's name. */
    public static Extensions of(UpstreamReply reply) {
        Map<String, String> parameters = new HashMap<>();
        List<String> lines = reply.lines();
        for (String line : lines.subList(1, lines.size())) {
            String upper = line.strip().toUpperCase(Locale.ROOT);
            if (upper.startsWith("AUTH=")) { // of servers from before RFC 2554, often beside the proper form
                upper = upper.replaceFirst("=", " ");
            }
            int space = upper.indexOf(' ');
            parameters.merge(
                    space < 0 ? upper : upper.substring(0, space),
                    space < 0 ? "" : upper.substring(space + 1).strip(),
                    (one, other) -> one + " " + other);
        }
        return new Extensions(Map.copyOf(parameters));
    }

    public Map<String, String> parameters() {
        return parameters;
    }

    /** How many messages a connection carries (RFC 9422 section 4.1), {@code MAX_VALUE} where that is not said. */
    public int maxMessages() {
        return maxMessages;
    }

    /** How many recipients a message may have (RFC 9422 section 4.2), {@code MAX_VALUE} where that is not said. */
    public int maxRecipients() {
        return maxRecipients;
    }

    /** A number of LIMITS (RFC 9422 section 3), {@code MAX_VALUE} where there is none that can be understood. */
    private static int limit(Map<String, String> parameters, String name) {
        for (String item : parameters.getOrDefault("LIMITS", "").split(" +")) {
            if (item.startsWith(name + "=")
                    && LIMIT.matcher(item.substring(name.length() + 1)).matches()) {
                return Integer.parseInt(item.substring(name.length() + 1));
            }
        }
        return Integer.MAX_VALUE;
    }

    /** The same without an extension. */
    public Extensions without(String keyword) {
        if (!offers(keyword)) {
            return this;
        }
        Map<String, String> others = new HashMap<>(parameters);
        others.remove(keyword);
        return new Extensions(Map.copyOf(others));
    }

    public boolean offers(String keyword) {
        return parameters.containsKey(keyword);
    }

    public Set<String> authMechanisms() {
        return Set.copyOf(List.of(parameters.getOrDefault("AUTH", "").split(" +")));
    }
}
