package dev.postern.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** A DNS server on UDP and TCP with records and troubles that a test sets. Answers over 512 octets only by TCP. */
final class DnsServer implements AutoCloseable {

    /** How it answers. */
    enum Mode {
        WELL,
        SERVFAIL,
        REFUSED,
        SILENT,
        GARBAGE
    }

    private static final int MAX_UDP = 512;
    private static final int MAX_PORTS = 20; // that are tried

    final AtomicInteger byTcp = new AtomicInteger();
    final AtomicInteger lost = new AtomicInteger();
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Map<Name, List<Record>> records = new ConcurrentHashMap<>();
    private final Map<Name, Mode> modes = new ConcurrentHashMap<>();
    private final Map<Name, AtomicInteger> queries = new ConcurrentHashMap<>();
    private volatile Mode mode = Mode.WELL;
    private volatile long ttl = 300;

    private DnsServer(DatagramSocket udp, ServerSocket tcp) {
        this.udp = udp;
        this.tcp = tcp;
    }

    static DnsServer start() {
        try {
            for (int i = 1; ; i++) {
                ServerSocket tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                try {
                    return start(new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress()), tcp);
                } catch (BindException e) { // by UDP the port is another test's: it is free by TCP alone
                    tcp.close();
                    if (i == MAX_PORTS) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DnsServer start(DatagramSocket udp, ServerSocket tcp) {
        DnsServer server = new DnsServer(udp, tcp);
        begin(server::serveUdp);
        begin(server::serveTcp);
        return server;
    }

    private static void begin(Runnable task) {
        Thread thread = new Thread(task, "dns-server");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) udp.getLocalSocketAddress();
    }

    void answer(Mode newMode) {
        mode = newMode;
    }

    void answer(String name, Mode newMode) {
        modes.put(name(name), newMode);
    }

    void ttl(long seconds) {
        ttl = seconds;
    }

    /** Sets the texts at a name, each in strings of 255 octets; none removes it. */
    DnsServer txt(String name, String... texts) {
        Name owner = name(name);
        List<Record> all = new ArrayList<>();
        for (String text : texts) {
            List<String> strings = new ArrayList<>();
            for (int i = 0; i == 0 || i < text.length(); i += 255) {
                strings.add(escaped(text.substring(i, Math.min(text.length(), i + 255))));
            }
            all.add(new TXTRecord(owner, DClass.IN, ttl, strings));
        }
        records.put(owner, all);
        return this;
    }

    /** As the record's constructor reads it. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.ISO_8859_1)) {
            escaped.append(
                    octet > ' ' && octet < 0x7f && octet != '\\' && octet != '"'
                            ? String.valueOf((char) octet)
                            : String.format(Locale.ROOT, "\\%03d", octet & 0xff));
        }
        return escaped.toString();
    }

    DnsServer alias(String name, String target) {
        records.put(name(name), List.of(new CNAMERecord(name(name), DClass.IN, ttl, name(target))));
        return this;
    }

    int queries(String name) {
        AtomicInteger count = queries.get(name(name));
        return count == null ? 0 : count.get();
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text.toLowerCase(Locale.ROOT) + ".");
        } catch (TextParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        while (!udp.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), true);
                if (answer.length > 0) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket client = tcp.accept()) {
                byTcp.incrementAndGet();
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), false);
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            } catch (SocketException | EOFException e) {
                lost.incrementAndGet(); // the client went away, or the server is closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Returns what to send; nothing for silence. */
    private byte[] answer(byte[] wire, boolean overUdp) throws IOException {
        Message query = new Message(wire);
        Record question = query.getQuestion();
        Name name = new Name(question.getName().toString().toLowerCase(Locale.ROOT));
        queries.computeIfAbsent(name, n -> new AtomicInteger()).incrementAndGet();
        Mode how = modes.getOrDefault(name, mode);
        if (how == Mode.SILENT) {
            return new byte[0];
        }
        if (how == Mode.GARBAGE) {
            byte[] garbage = Arrays.copyOf(wire, 40);
            Arrays.fill(garbage, 4, 40, (byte) 0xff);
            return garbage;
        }
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(question, Section.QUESTION);
        List<Record> found = records.get(name);
        if (how != Mode.WELL) {
            answer.getHeader().setRcode(how == Mode.SERVFAIL ? Rcode.SERVFAIL : Rcode.REFUSED);
        } else if (found == null) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else {
            found.stream()
                    .filter(each -> each.getType() == question.getType() || each.getType() == Type.CNAME)
                    .forEach(each -> answer.addRecord(each, Section.ANSWER));
        }
        byte[] whole = answer.toWire();
        return overUdp && whole.length > MAX_UDP ? answer.toWire(MAX_UDP) : whole;
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
