package dev.postern.internal.content.header;

/** What Python takes for a parameter's value: it knows of no comment, and sees no semicolon behind an odd number of quotes. */
final class QuoteCount {

    private QuoteCount() {}

    /** Returns where the value that begins at {@code start} ends. */
    static int end(String text, int start) {
        boolean even = true;
        int end = start;
        while (end < text.length() && !(even && text.charAt(end) == ';')) {
            even ^= text.charAt(end) == '"' && text.charAt(end - 1) != '\\';
            end++;
        }
        return end;
    }

    /** Takes off quotes, or the angle brackets that Python takes for such. */
    static String unquoted(String value) {
        if (value.length() > 1 && value.startsWith("<") && value.endsWith(">")) {
            return value.substring(1, value.length() - 1);
        }
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1).replace("\\\\", "\\").replace("\\\"", "\"")
                : value;
    }
}
