package dev.postern.examples.quickstart;

/** The shell command that sends a first message as the demo user. */
final class FirstMessage {

    private FirstMessage() {}

    /** Returns one line for a shell, with everything quoted. */
    static String command(Announcement.Listener listener) {
        User user = User.DEMO;
        String content = "From: " + user.name() + "\\r\\nTo: someone@example.com\\r\\nSubject: Hello\\r\\n\\r\\n"
                + "My first message.\\r\\n";
        String scheme = listener.security().equals("tls") ? "smtps" : "smtp";
        // the certificate of a quickstart is mostly self-signed
        String tls = switch (listener.security()) {
            case "starttls" -> " --ssl-reqd --insecure";
            case "tls" -> " --insecure";
            default -> "";
        };
        return "printf '" + content + "' | curl --silent --show-error" + tls + " --url '" + scheme + "://"
                + listener.address() + "' --user '" + user.name() + ":" + user.secret() + "' --mail-from '"
                + user.name() + "' --mail-rcpt 'someone@example.com' --upload-file -";
    }
}
