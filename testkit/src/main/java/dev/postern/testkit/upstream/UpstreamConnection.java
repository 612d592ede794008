package dev.postern.testkit.upstream;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.script.FaultRunner;
import dev.postern.testkit.internal.script.FaultScript;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The server side of one connection to a fake upstream: the session of RFC 5321, with faults where scripted. */
final class UpstreamConnection implements Runnable {

    private enum Phase {
        CONNECTED,
        GREETED,
        TRANSACTION,
        CHUNKS
    }

    private static final String PATH =
            "<((?:[^<>\"]++|\"(?:[^\"\\\\]++|\\\\.)*+\")*+)>"; // quoted strings may hold a bracket
    private static final Pattern MAIL = Pattern.compile("(?i)FROM:" + PATH + "((?: [^ ]+)*)"); // AUTH=<> holds two
    private static final Pattern RCPT = Pattern.compile("(?i)TO:(?!<>)" + PATH + "((?: [^ ]+)*)");
    private static final Pattern BDAT = Pattern.compile("(?i)([0-9]{1,9})( LAST)?");

    private final Wire wire;
    private final UpstreamSettings settings;
    private final FaultScript script;
    private final Function<Turn, Optional<Fault>> rule;
    private final UpstreamRecord seen;
    private final int among;
    private final Transcript transcript = new Transcript();
    private final FaultRunner faults;
    private final int index;

    private Phase phase = Phase.CONNECTED;
    private @Nullable String user;
    private String command = "";
    private String reversePath = "";
    private List<String> parameters = List.of();
    private List<ReceivedRecipient> recipients = new ArrayList<>();
    private ByteArrayOutputStream chunks = new ByteArrayOutputStream();

    UpstreamConnection(
            Wire wire,
            UpstreamSettings settings,
            FaultScript script,
            Function<Turn, Optional<Fault>> rule,
            UpstreamRecord seen,
            int among) {
        this.wire = wire;
        this.settings = settings;
        this.script = script;
        this.rule = rule;
        this.seen = seen;
        this.among = among;
        this.faults = new FaultRunner(wire, transcript);
        this.index = seen.connection(transcript);
    }

    @Override
    public void run() {
        try (wire) {
            Optional<Fault> fault = happens(script.next(FaultScript.moment(Stage.CONNECT)));
            if (fault.isPresent()) {
                faults.carryOut(fault.get());
            }
            if (settings.offers(UpstreamSettings.TlsMode.IMPLICIT)) {
                handshake();
            }
            answer(Stage.GREETING, "220 upstream.test ESMTP fake upstream ready");
            while (true) {
                command();
            }
        } catch (FaultRunner.SessionOver e) {
            transcript.note("ended by the fake upstream");
        } catch (IOException e) {
            transcript.note("ended: " + e);
        } finally {
            seen.ended(index);
        }
    }

    /** Ends the connection from another thread. */
    void abort() {
        faults.abort();
        try {
            wire.cut();
        } catch (IOException e) {
            transcript.note("cut: " + e);
        }
    }

    private void command() throws IOException {
        String line = line();
        seen.command(line);
        command = line;
        int space = line.indexOf(' ');
        String verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
        String arguments = space < 0 ? "" : line.substring(space + 1);
        switch (verb) {
            case "EHLO" -> ehlo(greeting());
            case "HELO" -> ehlo("250 upstream.test");
            case "STARTTLS" -> startTls();
            case "AUTH" -> auth(arguments);
            case "MAIL" -> mail(arguments);
            case "RCPT" -> rcpt(arguments);
            case "DATA" -> data();
            case "BDAT" -> bdat(arguments);
            case "RSET" -> {
                forget();
                answer(Stage.RSET, "250 2.0.0 Reset");
            }
            case "NOOP" -> answer(Stage.OTHER, "250 2.0.0 Ok");
            case "QUIT" -> {
                answer(Stage.QUIT, "221 2.0.0 Bye");
                faults.carryOut(Fault.close());
            }
            default -> answer(Stage.OTHER, "500 5.5.2 Command not recognized");
        }
    }

    private void ehlo(String reply) throws IOException {
        forget();
        phase = answer(Stage.EHLO, reply) == '2' ? Phase.GREETED : Phase.CONNECTED;
    }

    private String greeting() {
        List<String> lines = new ArrayList<>(List.of("upstream.test"));
        List<String> offered = wire.protection() == Wire.Protection.TLS
                ? settings.overTls().orElse(settings.extensions())
                : settings.extensions();
        lines.addAll(offered);
        if (startTlsPossible()) {
            lines.add("STARTTLS");
        }
        boolean login = settings.login().isPresent() && user == null;
        if (login && offered.stream().map(UpstreamSettings::keyword).noneMatch("AUTH"::equals)) {
            lines.add("AUTH PLAIN LOGIN");
        }
        int last = lines.size() - 1;
        return lines.subList(0, last).stream().map(line -> "250-" + line + "\n").reduce("", String::concat) + "250 "
                + lines.get(last);
    }

    private boolean startTlsPossible() {
        return settings.offers(UpstreamSettings.TlsMode.STARTTLS) && wire.protection() == Wire.Protection.NONE;
    }

    private void startTls() throws IOException {
        if (!startTlsPossible()) {
            refuse(Stage.STARTTLS, "503 5.5.1 STARTTLS not possible");
        } else if (answer(Stage.STARTTLS, "220 2.0.0 Ready to start TLS") == '2') {
            handshake();
            forget();
            phase = Phase.CONNECTED; // RFC 3207 section 4.2
            user = null;
        }
    }

    private void handshake() throws IOException {
        UpstreamSettings.Tls tls = settings.tls().orElseThrow();
        transcript.note("TLS handshake: " + wire.secureAsServer(tls.context(), tls.certificate()));
    }

    private void auth(String arguments) throws IOException {
        Optional<Fault> fault = next(FaultScript.moment(Stage.AUTH), "");
        if (fault.isPresent()) {
            faults.carryOut(fault.get());
            if (!FaultRunner.onlyWaits(fault.get())) {
                return;
            }
        }
        String[] words = arguments.split(" ", 2);
        String mechanism = words[0].toUpperCase(Locale.ROOT);
        if (settings.login().isEmpty() || phase != Phase.GREETED || user != null) {
            say("503 5.5.1 AUTH not possible");
        } else if (!mechanism.equals("PLAIN") && !mechanism.equals("LOGIN")) {
            say("504 5.5.4 Mechanism not supported");
        } else {
            answerOrCancel(mechanism, words.length > 1 ? Optional.of(words[1]) : Optional.empty());
        }
    }

    /** RFC 4954 section 4: a line with a single asterisk cancels the exchange. */
    private void answerOrCancel(String mechanism, Optional<String> initial) throws IOException {
        boolean plain = mechanism.equals("PLAIN");
        String first = initial.isPresent() ? initial.get() : challenge(plain ? "" : "VXNlcm5hbWU6");
        String second = plain || first.equals("*") ? first : challenge("UGFzc3dvcmQ6");
        if (second.equals("*")) {
            say("501 5.7.0 Authentication cancelled");
        } else {
            String given = plain ? decoded(first) : "\0" + decoded(first) + "\0" + decoded(second);
            verify(settings.login().orElseThrow(), given);
        }
    }

    private void verify(UpstreamSettings.Login login, String given) throws IOException {
        if (given.endsWith("\0" + login.user() + "\0" + login.password())) {
            user = login.user();
            say("235 2.7.0 Authentication succeeded");
        } else {
            say("535 5.7.8 Authentication credentials invalid");
        }
    }

    private String challenge(String challenge) throws IOException {
        say("334 " + challenge);
        return line();
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return ""; // are nobody's credentials
        }
    }

    private void mail(String arguments) throws IOException {
        Matcher mail = MAIL.matcher(arguments);
        if (phase != Phase.GREETED) {
            refuse(Stage.MAIL, "503 5.5.1 Bad sequence of commands");
        } else if (settings.login().isPresent() && user == null) {
            refuse(Stage.MAIL, "530 5.7.0 Authentication required");
        } else if (!mail.matches()) {
            refuse(Stage.MAIL, "501 5.5.4 Bad sender address syntax");
        } else if (answer(Stage.MAIL, List.of(mail.group(1)), "250 2.1.0 Sender ok") == '2') {
            phase = Phase.TRANSACTION;
            reversePath = mail.group(1);
            parameters = words(mail.group(2));
        }
    }

    private void rcpt(String arguments) throws IOException {
        Matcher rcpt = RCPT.matcher(arguments);
        if (phase != Phase.TRANSACTION) {
            refuse(Stage.RCPT, "503 5.5.1 Bad sequence of commands");
        } else if (!rcpt.matches()) {
            refuse(Stage.RCPT, "501 5.5.4 Bad recipient address syntax");
        } else {
            String address = rcpt.group(1);
            if (answer(Stage.RCPT, List.of(address), "250 2.1.5 Recipient ok") == '2') {
                recipients.add(new ReceivedRecipient(address, words(rcpt.group(2))));
            }
        }
    }

    private static List<String> words(String parameters) {
        return parameters.isBlank() ? List.of() : List.of(parameters.strip().split(" "));
    }

    private void data() throws IOException {
        if (phase != Phase.TRANSACTION) {
            refuse(Stage.DATA, "503 5.5.1 Bad sequence of commands");
        } else {
            String usual =
                    recipients.isEmpty() ? "554 5.5.1 No valid recipients" : "354 End data with <CR><LF>.<CR><LF>";
            if (answer(Stage.DATA, usual) == '3') {
                receive();
            }
        }
    }

    private void receive() throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        boolean answered = answeredEarly();
        while (true) {
            byte[] line = wire.readLine(Wire.LineEnd.CRLF);
            if (!Octets.endsWithCrLf(line)) {
                throw new EOFException("end of stream inside content");
            }
            raw.writeBytes(line);
            if (line.length == 3 && line[0] == '.') {
                break;
            }
            seen.line(line);
            int stuffing = line[0] == '.' ? 1 : 0;
            content.write(line, stuffing, line.length - stuffing);
        }
        complete(raw.toByteArray(), content.toByteArray(), answered);
    }

    private void bdat(String arguments) throws IOException {
        Matcher bdat = BDAT.matcher(arguments);
        if (!bdat.matches()) {
            refuse(Stage.DATA, "501 5.5.4 Syntax: BDAT size [LAST]");
            return;
        }
        int size = Integer.parseInt(bdat.group(1));
        boolean ready = !recipients.isEmpty();
        boolean answered = ready && size > 0 && answeredEarly();
        byte[] chunk = wire.readExactly(size);
        transcript.note("client sent " + size + " octets of content");
        if (!ready) {
            refuse(Stage.DATA, "503 5.5.1 Bad sequence of commands");
            return;
        }
        phase = Phase.CHUNKS;
        chunks.writeBytes(chunk);
        if (bdat.group(2) != null) {
            byte[] content = chunks.toByteArray();
            seen.line(content);
            complete(content, content, answered);
        } else if (!answered && answer(Stage.DATA, "250 2.0.0 " + size + " octets received") != '2') {
            forget();
        }
    }

    private boolean answeredEarly() throws IOException {
        if (!wire.octetComes()) {
            throw new EOFException("end of stream before content");
        }
        command = "";
        Optional<Fault> fault = next(moment(Stage.CONTENT, envelope()), "");
        if (fault.isPresent()) {
            faults.carryOut(fault.get());
        }
        return fault.isPresent() && FaultRunner.replies(fault.get());
    }

    private void complete(byte[] raw, byte[] content, boolean answered) throws IOException {
        command = "";
        int number = seen.content();
        transcript.note("client has sent a message of " + content.length + " octets");
        List<String> addresses = envelope();
        ReceivedMessage.Transaction transaction = new ReceivedMessage.Transaction(
                index,
                wire.protection(),
                wire.clientSubject(),
                Optional.ofNullable(user),
                reversePath,
                parameters,
                List.copyOf(recipients));
        forget();
        if (answered) {
            return;
        }
        Fault fault = scripted(moment(Stage.END_OF_DATA, addresses), "250 2.0.0 Ok: queued as " + number);
        if (FaultRunner.firstOctet(fault) == '2') {
            seen.message(new ReceivedMessage(transaction, raw, content)); // before a test can see the reply
        }
        faults.carryOut(fault);
    }

    private void forget() {
        phase = phase == Phase.CONNECTED ? Phase.CONNECTED : Phase.GREETED;
        recipients = new ArrayList<>();
        chunks = new ByteArrayOutputStream();
    }

    private String line() throws IOException {
        byte[] line = wire.readLine(Wire.LineEnd.LF);
        if (line.length == 0 || line[line.length - 1] != '\n') {
            throw new EOFException("closed by the client");
        }
        transcript.client(line);
        seen.line(line);
        return new String(Octets.withoutLineEnd(line), StandardCharsets.UTF_8);
    }

    /** Answers as scripted, else as usual; returns the reply's first digit. */
    private char answer(Stage stage, String usual) throws IOException {
        return answer(stage, envelope(), usual);
    }

    private char answer(Stage stage, List<String> addresses, String usual) throws IOException {
        Fault fault = scripted(moment(stage, addresses), usual);
        faults.carryOut(fault);
        return FaultRunner.firstOctet(fault);
    }

    private Fault scripted(FaultScript.Moment moment, String usual) throws IOException {
        return faults.afterDelay(next(moment, usual), Fault.reply(usual));
    }

    /** A script takes precedence over the rule. */
    private Optional<Fault> next(FaultScript.Moment moment, String usual) throws IOException {
        Optional<Fault> scripted = happens(script.next(moment));
        return scripted.isPresent() ? scripted : byRule(moment.stage(), usual);
    }

    private Optional<Fault> happens(Optional<Fault> fault) {
        fault.ifPresent(seen::fault);
        return fault;
    }

    private Optional<Fault> byRule(Stage stage, String usual) throws IOException {
        String reply = usual.isEmpty() ? "" : usual.replace("\n", "\r\n") + "\r\n";
        Turn.Unread unread = wire.hasPending() ? Turn.Unread.MORE : Turn.Unread.NOTHING;
        return happens(rule.apply(new Turn(index, among, stage, command, reply, unread)));
    }

    private FaultScript.Moment moment(Stage stage, List<String> addresses) {
        return new FaultScript.Moment(stage, user == null ? "" : user, addresses);
    }

    private List<String> envelope() {
        List<String> addresses = new ArrayList<>(List.of(reversePath));
        recipients.forEach(recipient -> addresses.add(recipient.address()));
        return addresses;
    }

    /** Refuses a wrong command, or one at a wrong time, without asking a script. */
    private void refuse(Stage stage, String usual) throws IOException {
        faults.carryOut(faults.afterDelay(byRule(stage, usual), Fault.reply(usual)));
    }

    private void say(String reply) throws IOException {
        faults.carryOut(Fault.reply(reply));
    }
}
