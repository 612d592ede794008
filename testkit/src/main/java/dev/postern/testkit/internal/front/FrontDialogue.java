package dev.postern.testkit.internal.front;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.front.OwedReplies.Passage;
import dev.postern.testkit.internal.script.FaultRunner;
import dev.postern.testkit.internal.script.FaultScript;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the client says in a session through a {@link RelayFront}, and what is done about it: each command is passed on, or
 * answered by the fault that is scripted for it. Commands go on as they come, pipelined ones too; a fault waits until all
 * earlier replies are passed on. A command that is refused by a fault never reaches the relay, so that both sides agree on
 * where the session stands. For the session's thread, but for what is read by tests.
 */
final class FrontDialogue {

    /** What remains of a fault that was a delay and no more. */
    private static final Fault NOTHING = Fault.octets("");

    private static final Pattern PATH = Pattern.compile("(?i)(?:FROM|TO):\\s*<([^>]*)>.*");
    private static final Pattern BDAT = Pattern.compile("(?i)([0-9]{1,9})( LAST)?");
    private static final int BLOCK = 8_192;

    private final Wire client;
    private final RelaySide relay;
    private final RelayFront.Tls tls;
    private final OwedReplies owed;
    private final FaultScript script;
    private final FaultRunner faults;
    private final Transcript transcript;
    private final List<String> commands = new ArrayList<>(); // guarded by itself
    private volatile String user = "";
    private List<String> envelope = new ArrayList<>();

    FrontDialogue(
            Wire client,
            RelaySide relay,
            RelayFront.Tls tls,
            OwedReplies owed,
            FaultScript script,
            FaultRunner faults,
            Transcript transcript) {
        this.client = client;
        this.relay = relay;
        this.tls = tls;
        this.owed = owed;
        this.script = script;
        this.faults = faults;
        this.transcript = transcript;
    }

    /** The commands until now, credentials masked. For any thread. */
    List<String> commands() {
        synchronized (commands) {
            return List.copyOf(commands);
        }
    }

    /** Who has logged in, empty for nobody. For any thread. */
    String user() {
        return user;
    }

    /** Takes one command, with all that belongs to it. */
    void command(byte[] line) throws IOException {
        transcript.client(line);
        String text = new String(Octets.withoutLineEnd(line), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        String verb = (space < 0 ? text : text.substring(0, space)).toUpperCase(Locale.ROOT);
        String arguments = space < 0 ? "" : text.substring(space + 1);
        synchronized (commands) {
            commands.add(Transcript.maskedCommand(text));
        }
        switch (verb) {
            case "EHLO", "HELO" -> {
                forgetEnvelope();
                pass(Stage.EHLO, line, List.of());
            }
            case "STARTTLS" -> startTls(line);
            case "AUTH" -> auth(line, arguments);
            case "MAIL" -> {
                forgetEnvelope();
                path(Stage.MAIL, line, arguments);
            }
            case "RCPT" -> path(Stage.RCPT, line, arguments);
            case "DATA" -> data(line);
            case "BDAT" -> bdat(line, arguments);
            case "RSET" -> {
                forgetEnvelope();
                pass(Stage.RSET, line, List.of());
            }
            case "QUIT" -> pass(Stage.QUIT, line, List.of());
            default -> pass(Stage.OTHER, line, List.of());
        }
    }

    private void startTls(byte[] line) throws IOException {
        Optional<Fault> fault = scripted(Stage.STARTTLS, List.of());
        if (fault.isPresent() && !succeeds(fault.get())) {
            owed.await();
            faults.carryOut(fault.get());
            return;
        }
        relay.send(line, Stage.STARTTLS, fault.isEmpty() ? Passage.ON : Passage.SWALLOWED);
        int code = owed.await();
        if (fault.isPresent()) {
            faults.carryOut(fault.get());
        }
        if (code == 220 || fault.isPresent()) { // a client that is told so shakes hands, whatever the relay has said
            transcript.note(
                    "TLS handshake: " + client.secureAsServer(tls.server().get()));
            forgetEnvelope(); // RFC 3207 section 4.2
            user = "";
        }
    }

    private void auth(byte[] line, String arguments) throws IOException {
        LoginExchange login = new LoginExchange(arguments);
        if (!passLogin(line, login)) {
            return;
        }
        while (owed.await() == 334) {
            byte[] answer = client.readLine(Wire.LineEnd.LF);
            if (answer.length == 0) {
                throw new EOFException("closed by the client");
            }
            transcript.client(answer);
            login.response(new String(Octets.withoutLineEnd(answer), StandardCharsets.UTF_8));
            if (!passLogin(answer, login)) {
                relay.send(Octets.of("*\r\n"), Stage.AUTH, Passage.SWALLOWED); // RFC 4954 section 4
                owed.await();
                return;
            }
        }
        user = owed.await() == 235 ? login.user() : user;
    }

    private boolean passLogin(byte[] line, LoginExchange login) throws IOException {
        Optional<Fault> fault = scripted(new FaultScript.Moment(Stage.AUTH, login.user(), List.of()));
        if (fault.isEmpty()) {
            relay.send(line, Stage.AUTH, Passage.ON);
            return true;
        }
        owed.await();
        faults.carryOut(fault.get());
        return false;
    }

    private void path(Stage stage, byte[] line, String arguments) throws IOException {
        Matcher path = PATH.matcher(arguments);
        List<String> address = path.matches() ? List.of(path.group(1)) : List.of();
        if (pass(stage, line, address)) {
            envelope.addAll(address);
        }
    }

    private void data(byte[] line) throws IOException {
        owed.await();
        Optional<Fault> inside = owed.ready() ? scripted(Stage.CONTENT, envelope) : Optional.empty();
        Optional<Fault> atEnd = owed.ready() && inside.isEmpty()
                ? script.next(new FaultScript.Moment(Stage.END_OF_DATA, user, envelope))
                : Optional.empty();
        if (inside.isPresent() || atEnd.isPresent() && !succeeds(atEnd.get()) && !FaultRunner.onlyWaits(atEnd.get())) {
            refuseContent(inside, atEnd);
        } else if (pass(Stage.DATA, line, envelope) && owed.await() == 354) {
            content(Passage.ON);
            forgetEnvelope();
            Optional<Fault> instead =
                    Optional.of(faults.afterDelay(atEnd, NOTHING)).filter(fault -> fault != NOTHING);
            Passage passage = instead.isPresent() ? Passage.SWALLOWED : Passage.ON;
            relay.send(Octets.of(".\r\n"), Stage.END_OF_DATA, passage);
            if (instead.isPresent()) {
                owed.await();
                faults.carryOut(instead.get());
            }
        }
    }

    /** The relay never hears of the content, so that nothing is delivered that was refused. */
    private void refuseContent(Optional<Fault> inside, Optional<Fault> atEnd) throws IOException {
        faults.carryOut(Fault.reply(StandardReply.CONTENT_START));
        if (inside.isPresent() && client.octetComes()) {
            faults.carryOut(inside.get());
        }
        content(Passage.SWALLOWED);
        dropTransaction();
        if (atEnd.isPresent()) {
            faults.carryOut(atEnd.get());
        }
    }

    /** Reads content up to the final dot, which is left out. */
    private void content(Passage passage) throws IOException {
        long size = 0;
        while (true) {
            byte[] line = client.readLine(Wire.LineEnd.CRLF);
            boolean whole = Octets.endsWithCrLf(line);
            if (whole && line.length == 3 && line[0] == '.') {
                transcript.note("client has sent " + size + " octets of content");
                return;
            }
            size += line.length;
            if (passage == Passage.ON) {
                relay.send(line);
            }
            if (!whole) {
                throw new EOFException("closed by the client inside the content");
            }
        }
    }

    private void bdat(byte[] line, String arguments) throws IOException {
        Matcher chunk = BDAT.matcher(arguments.strip());
        if (!chunk.matches()) {
            pass(Stage.OTHER, line, List.of());
            return;
        }
        boolean last = chunk.group(2) != null;
        Stage stage = last ? Stage.END_OF_DATA : Stage.DATA;
        Optional<Fault> fault = scripted(stage, envelope);
        boolean passOn = fault.isEmpty() || succeeds(fault.get());
        if (passOn) {
            relay.send(line, stage, fault.isEmpty() ? Passage.ON : Passage.SWALLOWED);
        }
        chunk(Integer.parseInt(chunk.group(1)), passOn ? Passage.ON : Passage.SWALLOWED);
        if (last && passOn) {
            forgetEnvelope();
        } else if (last) {
            dropTransaction();
        }
        if (fault.isPresent()) {
            owed.await();
            faults.carryOut(fault.get());
        }
    }

    private void chunk(int size, Passage passage) throws IOException {
        transcript.note("client sends " + size + " octets of content");
        for (int left = size; left > 0; ) {
            byte[] block = client.readExactly(Math.min(left, BLOCK));
            left -= block.length;
            if (passage == Passage.ON) {
                relay.send(block);
            }
        }
    }

    private void dropTransaction() throws IOException {
        forgetEnvelope();
        relay.send(Octets.of("RSET\r\n"), Stage.RSET, Passage.SWALLOWED);
        owed.await();
    }

    private void forgetEnvelope() {
        owed.forgetRecipients();
        envelope = new ArrayList<>();
    }

    /** Passes a command on, or does what is scripted; tells whether the command counts as done. */
    private boolean pass(Stage stage, byte[] line, List<String> addresses) throws IOException {
        Optional<Fault> fault = scripted(stage, addresses);
        if (fault.isEmpty()) {
            relay.send(line, stage, Passage.ON);
            return true;
        }
        boolean done = succeeds(fault.get()) && stage != Stage.QUIT; // the relay would close before it is said
        if (done) {
            relay.send(line, stage, Passage.SWALLOWED); // success in other words: the relay must know
        }
        owed.await();
        faults.carryOut(fault.get());
        if (stage == Stage.QUIT) {
            faults.carryOut(Fault.close());
        }
        return done;
    }

    /** What is scripted for now; a delay is over when this returns. */
    private Optional<Fault> scripted(Stage stage, List<String> addresses) throws IOException {
        return scripted(new FaultScript.Moment(stage, user, addresses));
    }

    private Optional<Fault> scripted(FaultScript.Moment moment) throws IOException {
        return scripted(script, faults, moment);
    }

    static Optional<Fault> scripted(FaultScript script, FaultRunner faults, FaultScript.Moment moment)
            throws IOException {
        return Optional.of(faults.afterDelay(script.next(moment), NOTHING)).filter(fault -> fault != NOTHING);
    }

    static boolean succeeds(Fault fault) {
        char first = FaultRunner.firstOctet(fault);
        return first == '2' || first == '3';
    }
}
