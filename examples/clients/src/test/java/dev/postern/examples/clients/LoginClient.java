package dev.postern.examples.clients;

import dev.postern.tools.Tool;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.commons.net.smtp.AuthenticatingSMTPClient;
import org.apache.commons.net.smtp.AuthenticatingSMTPClient.AUTH_METHOD;

/** The clients of the table of logins, in the order of the page: which mechanisms each has, and how it is made to take one. */
enum LoginClient {
    JAKARTA("Jakarta Mail (Angus)", List.of("PLAIN", "LOGIN", "EXTERNAL", "XOAUTH2"), LoginClient::jakarta),
    COMMONS_NET("Commons Net", List.of("PLAIN", "LOGIN"), LoginClient::commonsNet),
    VERTX("Vert.x mail client", List.of("PLAIN", "LOGIN", "XOAUTH2"), LoginClient::vertx),
    NODEMAILER(
            "nodemailer",
            List.of("PLAIN", "LOGIN", "XOAUTH2"),
            Tool.NODEMAILER,
            login -> driver(Tool.NODEMAILER, "nodemailer_login.mjs", login)),
    EMAILJS(
            "emailjs-smtp-client",
            List.of("PLAIN", "LOGIN", "XOAUTH2"),
            Tool.EMAILJS,
            login -> driver(Tool.EMAILJS, "emailjs_login.mjs", login)),
    SMTPLIB(
            "Python smtplib",
            List.of("PLAIN", "LOGIN", "EXTERNAL", "OAUTHBEARER", "XOAUTH2"),
            Tool.PYTHON,
            login -> driver(Tool.PYTHON, "smtplib_login.py", login)),
    CURL("curl", List.of("PLAIN", "LOGIN", "EXTERNAL", "OAUTHBEARER"), Tool.CURL, LoginClient::curl),
    SWAKS("swaks", List.of("PLAIN", "LOGIN"), Tool.SWAKS_TLS, LoginClient::swaks),
    MSMTP(
            "msmtp",
            List.of("PLAIN", "LOGIN", "SCRAM-SHA-256", "EXTERNAL", "OAUTHBEARER", "XOAUTH2"),
            Tool.MSMTP,
            LoginClient::msmtp),
    GSASL(
            "gsasl",
            List.of("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL"),
            Tool.GSASL,
            LoginClient::gsasl),
    OPENSSL("openssl s_client", List.of("EXTERNAL"), Tool.OPENSSL, LoginClient::openssl);

    private static final int PATIENCE_SECONDS = 50;

    /** Returns whether the client says that it has logged in. */
    @FunctionalInterface
    private interface Way {
        boolean logIn(Login login) throws Exception;
    }

    private final String title;
    private final List<String> mechanisms;
    private final Optional<Tool> tool;
    private final Way way;

    /** A library of the JVM. */
    LoginClient(String title, List<String> mechanisms, Way way) {
        this.title = title;
        this.mechanisms = mechanisms;
        this.tool = Optional.empty();
        this.way = way;
    }

    /** A program. */
    LoginClient(String title, List<String> mechanisms, Tool tool, Function<Login, Run> command) {
        this.title = title;
        this.mechanisms = mechanisms;
        this.tool = Optional.of(tool);
        this.way = login -> command.apply(login).succeeds(login);
    }

    String title() {
        return title;
    }

    List<String> mechanisms() {
        return mechanisms;
    }

    void assumeInstalled() {
        tool.ifPresent(program -> program.assume(LoginsTest.class));
    }

    boolean logIn(Login login) throws Exception {
        return way.logIn(login);
    }

    // libraries

    private static boolean jakarta(Login login) throws Exception {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", Login.HOST);
        properties.put("mail.smtp.port", String.valueOf(login.port()));
        properties.put("mail.smtp.auth", "true");
        properties.put("mail.smtp.starttls.required", "true");
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.ssl.socketFactory", login.tls().getSocketFactory());
        if (login.byCertificate()) { // by the platform's SASL
            properties.put("mail.smtp.sasl.enable", "true");
            properties.put("mail.smtp.sasl.mechanisms", login.mechanism());
            properties.put("mail.smtp.sasl.authorizationid", login.user());
        } else {
            properties.put("mail.smtp.auth.mechanisms", login.mechanism());
        }
        try (Transport transport = Session.getInstance(properties).getTransport("smtp")) {
            transport.connect(login.user(), login.secret());
            return true;
        } catch (AuthenticationFailedException e) {
            return false;
        }
    }

    private static boolean commonsNet(Login login) throws Exception {
        var client = new AuthenticatingSMTPClient(false, login.tls());
        client.setEndpointCheckingEnabled(true);
        try {
            client.connect(Login.HOST, login.port());
            return client.elogin()
                    && client.execTLS()
                    && client.elogin()
                    && client.auth(AUTH_METHOD.valueOf(login.mechanism()), login.user(), login.secret());
        } finally {
            client.disconnect();
        }
    }

    private static boolean vertx(Login login) throws IOException {
        MailConfig config = new MailConfig()
                .setHostname(Login.HOST)
                .setPort(login.port())
                .setStarttls(StartTLSOptions.REQUIRED)
                .setTrustOptions(new PemTrustOptions().addCertPath(login.authority()))
                .setLogin(LoginOption.REQUIRED)
                .setAuthMethods(login.mechanism())
                .setUsername(login.user())
                .setPassword(login.secret());
        MailClient client = MailClient.create(JvmClient.vertx(), config);
        try {
            client.sendMail(new MailMessage(
                            login.user(), "bob@example.net", "hello", Files.readString(login.message())))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            return true;
        } catch (CompletionException e) {
            return false;
        } finally {
            client.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    // programs

    /**
     * A program with its arguments.
     *
     * @param input what it is given; empty for the message
     * @param sign what it prints when it has logged in; empty where its exit code tells
     */
    private record Run(List<String> command, String input, String sign) {

        static Run of(Tool tool, List<String> arguments) {
            List<String> command = new ArrayList<>(List.of(tool.path()));
            command.addAll(arguments);
            return new Run(command, "", "");
        }

        boolean succeeds(Login login) throws IOException, InterruptedException {
            Path output = login.folder().resolve("output");
            Path given = input.isEmpty()
                    ? login.message()
                    : Files.writeString(login.folder().resolve("input"), input);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(given.toFile())
                    .redirectOutput(Redirect.to(output.toFile()));
            builder.environment().put("NODE_EXTRA_CA_CERTS", login.authority());
            Process program = builder.start();
            if (!program.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                program.destroyForcibly();
                throw new IOException(command.get(0) + " does not end: " + Files.readString(output));
            }
            return sign.isEmpty()
                    ? program.exitValue() == 0
                    : Files.readString(output).contains(sign);
        }
    }

    private static Run driver(Tool program, String script, Login login) {
        return Run.of(
                program,
                List.of(
                        "src/test/drivers/" + script,
                        String.valueOf(login.port()),
                        login.mechanism(),
                        login.user(),
                        login.secret(),
                        login.authority(),
                        login.certificate(),
                        login.key()));
    }

    private static Run curl(Login login) {
        boolean token =
                login.mechanism().endsWith("OAUTHBEARER") || login.mechanism().equals("XOAUTH2");
        List<String> arguments = new ArrayList<>(List.of(
                "--silent",
                "--show-error",
                "--ssl-reqd",
                "--url",
                "smtp://" + Login.HOST + ":" + login.port() + "/client.test",
                "--cacert",
                login.authority(),
                "--login-options",
                "AUTH=" + login.mechanism(),
                "--user",
                login.user() + ":" + (token || login.byCertificate() ? "" : login.secret()),
                "--mail-from",
                login.user(),
                "--mail-rcpt",
                "bob@example.net",
                "--upload-file",
                "-"));
        if (token) {
            arguments.addAll(List.of("--oauth2-bearer", login.secret()));
        }
        if (login.byCertificate()) {
            arguments.addAll(List.of("--cert", login.certificate(), "--key", login.key()));
        }
        return Run.of(Tool.CURL, arguments);
    }

    private static Run swaks(Login login) {
        return Run.of(
                Tool.SWAKS_TLS,
                List.of(
                        "--server",
                        Login.HOST,
                        "--port",
                        String.valueOf(login.port()),
                        "--tls",
                        "--tls-verify",
                        "--tls-ca-path",
                        login.authority(),
                        "--auth",
                        login.mechanism(),
                        "--auth-user",
                        login.user(),
                        "--auth-password",
                        login.secret(),
                        "--quit-after",
                        "AUTH"));
    }

    private static Run msmtp(Login login) {
        List<String> arguments = new ArrayList<>(List.of(
                "--file=/dev/null",
                "--host=" + Login.HOST,
                "--port=" + login.port(),
                "--tls=on",
                "--tls-starttls=on",
                "--tls-trust-file=" + login.authority(),
                "--auth=" + login.mechanism().toLowerCase(Locale.ROOT),
                "--user=" + login.user(), // with EXTERNAL too: without, it goes on before it is logged in
                "--passwordeval=echo " + login.secret(),
                "--from=" + login.user()));
        if (login.byCertificate()) {
            arguments.addAll(List.of("--tls-cert-file=" + login.certificate(), "--tls-key-file=" + login.key()));
        }
        arguments.addAll(List.of("--", "bob@example.net"));
        return Run.of(Tool.MSMTP, arguments);
    }

    private static Run gsasl(Login login) {
        List<String> command = new ArrayList<>(List.of(
                Tool.GSASL.path(),
                "--smtp",
                "--quiet",
                "--connect=" + Login.HOST + ":" + login.port(),
                "--mechanism=" + login.mechanism(),
                "--authentication-id=" + login.user(),
                "--authorization-id=" + login.user(),
                "--password=" + login.secret(),
                "--x509-ca-file=" + login.authority()));
        if (!login.mechanism().endsWith("-PLUS")) {
            command.add("--no-cb"); // else it insists on channel binding
        }
        if (login.byCertificate()) {
            command.addAll(List.of("--x509-cert-file=" + login.certificate(), "--x509-key-file=" + login.key()));
        }
        return new Run(command, "NOOP\n", ""); // it says what it is given as commands
    }

    private static Run openssl(Login login) {
        List<String> command = List.of(
                Tool.OPENSSL.path(),
                "s_client",
                "-starttls",
                "smtp",
                "-connect",
                Login.HOST + ":" + login.port(),
                "-CAfile",
                login.authority(),
                "-verify_return_error",
                "-cert",
                login.certificate(),
                "-key",
                login.key(),
                "-crlf",
                "-ign_eof",
                "-nocommands");
        return new Run(command, "EHLO client.test\nAUTH EXTERNAL =\nQUIT\n", "235 2.7.0");
    }
}
