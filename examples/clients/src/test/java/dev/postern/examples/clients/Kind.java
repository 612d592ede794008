package dev.postern.examples.clients;

import dev.postern.tools.Tool;
import io.vertx.ext.mail.MailClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.net.smtp.SMTPClient;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.simplejavamail.mailer.MailerBuilder;
import org.springframework.mail.javamail.JavaMailSender;

/** The clients of the matrix, in the order of the page. */
enum Kind {
    JAKARTA(
            "Jakarta Mail (Angus)",
            Connection.KEPT,
            () -> version(SMTPTransport.class),
            port -> new JvmClient(new JakartaMailSender(Kind.HOST, port, Condition.USER, Condition.SECRET))),
    SPRING(
            "Spring JavaMailSender",
            Connection.FOR_ONE_MESSAGE,
            () -> version(JavaMailSender.class),
            port -> new JvmClient(new SpringSender(Kind.HOST, port, Condition.USER, Condition.SECRET))),
    SIMPLE_JAVA_MAIL(
            "Simple Java Mail",
            Connection.FOR_ONE_MESSAGE,
            () -> version(MailerBuilder.class),
            port -> new JvmClient(new SimpleJavaMailSender(Kind.HOST, port, Condition.USER, Condition.SECRET))),
    COMMONS_NET(
            "Commons Net",
            Connection.FOR_ONE_MESSAGE,
            () -> version(SMTPClient.class),
            port -> new JvmClient(new CommonsNetSender(Kind.HOST, port, Condition.USER, Condition.SECRET))),
    VERTX(
            "Vert.x mail client",
            Connection.KEPT_AND_LISTENED_TO,
            () -> version(MailClient.class),
            port -> new JvmClient(
                    new VertxSender(JvmClient.vertx(), Kind.HOST, port, Condition.USER, Condition.SECRET))),
    NODEMAILER(
            "nodemailer",
            Connection.KEPT_AND_LISTENED_TO,
            Tool.NODEMAILER,
            List.of("-p", "require('./nodemailer/node_modules/nodemailer/package.json').version"),
            port -> driver(port, Tool.NODEMAILER, "src/test/drivers/nodemailer_driver.mjs")),
    SMTPLIB(
            "Python smtplib",
            Connection.KEPT,
            Tool.PYTHON,
            List.of("-c", "import sys; print('%d.%d' % sys.version_info[:2])"),
            port -> driver(port, Tool.PYTHON, "src/test/drivers/smtplib_driver.py")),
    CURL("curl", Connection.FOR_ONE_MESSAGE, Tool.CURL, List.of("--version"), port -> script(port, "send-curl")),
    SWAKS(
            "swaks",
            Connection.FOR_ONE_MESSAGE,
            Tool.SWAKS_TLS,
            List.of("--version"),
            port -> script(port, "send-swaks")),
    MSMTP("msmtp", Connection.FOR_ONE_MESSAGE, Tool.MSMTP, List.of("--version"), port -> script(port, "send-msmtp"));

    private static final String HOST = "127.0.0.1";
    private static final Map<Kind, Optional<String>> FOUND = new EnumMap<>(Kind.class);
    private static final Pattern VERSION = Pattern.compile("[0-9]+(?:\\.[0-9]+)+");

    private enum Connection {
        FOR_ONE_MESSAGE,
        KEPT,
        KEPT_AND_LISTENED_TO
    }

    @FunctionalInterface
    private interface Start {
        Client to(int port) throws Exception;
    }

    private final String title;
    private final Connection connection;
    private final Supplier<Optional<String>> version;
    private final Start start;
    private final Optional<Tool> tool;

    /** A library. */
    Kind(String title, Connection connection, Supplier<Optional<String>> version, Start start) {
        this.title = title;
        this.connection = connection;
        this.version = version;
        this.start = start;
        this.tool = Optional.empty();
    }

    /** A program, and what makes it print its version. */
    Kind(String title, Connection connection, Tool tool, List<String> version, Start start) {
        this.title = title;
        this.connection = connection;
        this.version = () -> version(tool, version);
        this.start = start;
        this.tool = Optional.of(tool);
    }

    String title() {
        return title;
    }

    /** Whether a connection serves several messages. */
    boolean keepsConnection() {
        return connection != Connection.FOR_ONE_MESSAGE;
    }

    /** Whether it reads what comes while it does not send, and closes a connection that the relay has closed. */
    boolean listensAllTheTime() {
        return connection == Connection.KEPT_AND_LISTENED_TO;
    }

    boolean ofThisJvm() {
        return compareTo(VERTX) <= 0;
    }

    /** Whether this module says which version, and not the machine. */
    boolean pinned() {
        return compareTo(NODEMAILER) <= 0;
    }

    /** The version that is there; empty for a program that is not installed. */
    Optional<String> version() {
        synchronized (FOUND) {
            return FOUND.computeIfAbsent(this, kind -> kind.version.get());
        }
    }

    /** Skips the test of a program that is not installed. */
    void assumeInstalled() {
        tool.ifPresent(program -> program.assume(ClientsTest.class));
    }

    Client start(int port) throws Exception {
        Trust.pem(); // before anything asks this JVM whom it trusts
        return start.to(port);
    }

    private static Client driver(int port, Tool program, String script) throws Exception {
        return new Programs.Driver(List.of(
                program.path(),
                script,
                String.valueOf(port),
                Condition.USER,
                Condition.SECRET,
                Trust.pem().toString()));
    }

    private static Client script(int port, String name) {
        return new Programs.OneMessage(
                Path.of("shell", name),
                Map.of(
                        "RELAY_HOST",
                        HOST,
                        "RELAY_PORT",
                        String.valueOf(port),
                        "RELAY_USER",
                        Condition.USER,
                        "RELAY_PASSWORD",
                        Condition.SECRET,
                        "RELAY_CA",
                        Trust.pem().toString()));
    }

    private static Optional<String> version(Class<?> ofLibrary) {
        String jar =
                String.valueOf(ofLibrary.getProtectionDomain().getCodeSource().getLocation());
        return firstVersion(jar.substring(jar.lastIndexOf('/')));
    }

    private static Optional<String> version(Tool tool, List<String> arguments) {
        if (!tool.present()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(tool.path()));
        command.addAll(arguments);
        return firstVersion(Programs.output(command));
    }

    private static Optional<String> firstVersion(String text) {
        Matcher version = VERSION.matcher(text);
        return version.find() ? Optional.of(version.group()) : Optional.empty();
    }
}
