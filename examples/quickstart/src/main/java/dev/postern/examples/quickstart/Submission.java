package dev.postern.examples.quickstart;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A session that submits one message as it is, by BDAT (RFC 3030). For one thread. */
final class Submission implements AutoCloseable {

    private static final Pattern REPLY =
            Pattern.compile("([2-5][0-9]{2})(?:[ -](?:([2-5])\\.([0-9]{1,3})\\.([0-9]{1,3}) )?(.*))?");
    private static final int MAX_REPLY_LINES = 100;

    private final Socket socket;
    private final BufferedReader in;
    private final OutputStream out;
    private final String address;

    private Submission(Socket socket, String address) throws IOException {
        this.socket = socket;
        this.address = address;
        socket.setTcpNoDelay(true); // else content waits until what comes before it is acknowledged, for 40 ms
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        out = socket.getOutputStream();
    }

    /** Connects, and reads the greeting. */
    static Submission open(String host, int port, String address) throws IOException {
        Submission submission = new Submission(new Socket(host, port), address);
        submission.expect("220");
        return submission;
    }

    /** Sends a message; returns what the relay says to it. */
    Reply send(byte[] content) throws IOException {
        write("EHLO localhost\r\n".getBytes(StandardCharsets.US_ASCII));
        expect("250");
        command("MAIL FROM:<" + address + "> BODY=8BITMIME SMTPUTF8");
        command("RCPT TO:<" + address + ">");
        write(("BDAT " + content.length + " LAST\r\n").getBytes(StandardCharsets.US_ASCII));
        write(content);
        Matcher reply = REPLY.matcher(reply());
        if (!reply.matches() || reply.group(2) == null) {
            throw new IOException("no reply of SMTP");
        }
        return Reply.of(
                Integer.parseInt(reply.group(1)),
                new EnhancedStatus(
                        Integer.parseInt(reply.group(2)),
                        Integer.parseInt(reply.group(3)),
                        Integer.parseInt(reply.group(4))),
                reply.group(5));
    }

    private void command(String line) throws IOException {
        write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        expect("250");
    }

    private void expect(String code) throws IOException {
        String reply = reply();
        if (!reply.startsWith(code)) {
            throw new IOException("the relay says: " + Reply.printable(reply, 200));
        }
    }

    private void write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
    }

    /** Returns the last line of a reply. */
    private String reply() throws IOException {
        for (int i = 0; i < MAX_REPLY_LINES; i++) {
            String line = in.readLine();
            if (line == null) {
                break;
            }
            if (line.length() < 4 || line.charAt(3) != '-') {
                return line;
            }
        }
        throw new IOException("the relay ended the session");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
