package dev.postern.management;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The query of a request, with names that are known and each once. */
final class Query {

    private static final int MAX_OCTETS = 8192;

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    static Query of(ManagementRequest request, String... names) {
        String query = request.query();
        if (query.length() > MAX_OCTETS) {
            throw new WrongQueryException("the query has more than " + MAX_OCTETS + " octets");
        }
        Map<String, String> values = new HashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (!List.of(names).contains(name)) {
                throw new WrongQueryException("the query may have: " + String.join(", ", names));
            }
            if (values.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
                throw new WrongQueryException(name + " is there twice");
            }
        }
        return new Query(values);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new WrongQueryException("the query has a % without two hexadecimal digits");
        }
    }

    Map<String, String> values() {
        return Map.copyOf(values);
    }

    Optional<String> text(String name, int max) {
        String value = values.get(name);
        if (value != null && (value.isBlank() || value.length() > max)) {
            throw new WrongQueryException(name + " must have 1 to " + max + " characters");
        }
        return Optional.ofNullable(value);
    }

    int number(String name, int otherwise, int max) {
        String value = values.getOrDefault(name, Integer.toString(otherwise));
        int number = value.matches("[0-9]{1,9}") ? Integer.parseInt(value) : 0;
        if (number < 1 || number > max) {
            throw new WrongQueryException(name + " must be 1 to " + max);
        }
        return number;
    }

    boolean flag(String name) {
        String value = values.getOrDefault(name, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new WrongQueryException(name + " must be true or false");
        }
        return value.equals("true");
    }
}
