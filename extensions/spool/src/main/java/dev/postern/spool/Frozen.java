package dev.postern.spool;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spi.TlsInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a row keeps of a submission beside its content and recipients, as octets. Certificates of the client and limits of
 * the identity are not kept: they were for the session, which is over.
 */
record Frozen(
        String submissionId,
        ClientInfo client,
        Identity identity,
        ReversePath reversePath,
        EsmtpParameters parameters,
        Optional<MailAddress> author,
        boolean eightBit) {

    private static final int VERSION = 1;

    static Frozen of(Submission submission) {
        return new Frozen(
                submission.id(),
                submission.client(),
                submission.identity(),
                submission.envelope().reversePath(),
                submission.envelope().parameters(),
                submission.author(),
                submission.content().eightBit());
    }

    byte[] octets() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeByte(VERSION);
            out.writeUTF(submissionId);
            write(out, client);
            out.writeUTF(identity.userAsGiven());
            out.writeUTF(identity.accountAsGiven());
            out.writeInt(identity.domains().size());
            for (String domain : identity.domains()) {
                out.writeUTF(domain);
            }
            out.writeUTF(reversePath.address().map(MailAddress::toString).orElse(""));
            out.writeUTF(parameters.toString());
            out.writeUTF(author.map(MailAddress::toString).orElse(""));
            out.writeBoolean(eightBit);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text over 64 KiB, which nothing here can be
        }
        return octets.toByteArray();
    }

    private static void write(DataOutputStream out, ClientInfo client) throws IOException {
        out.writeUTF(client.sessionId());
        write(out, client.remote());
        write(out, client.local());
        out.writeUTF(client.helo());
        out.writeUTF(client.tls().map(TlsInfo::protocol).orElse(""));
        out.writeUTF(client.tls().map(TlsInfo::cipherSuite).orElse(""));
    }

    private static void write(DataOutputStream out, InetSocketAddress address) throws IOException {
        byte[] octets = address.getAddress().getAddress();
        out.writeByte(octets.length);
        out.write(octets);
        out.writeInt(address.getPort());
    }

    static Frozen read(byte[] octets) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new SpoolException("a message was spooled by another version of this library: " + version);
            }
            String submissionId = in.readUTF();
            ClientInfo client = readClient(in);
            Identity identity = Identity.of(in.readUTF()).withAccount(in.readUTF());
            List<String> domains = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                domains.add(in.readUTF());
            }
            String sender = in.readUTF();
            EsmtpParameters parameters = parameters(in.readUTF());
            String author = in.readUTF();
            return new Frozen(
                    submissionId,
                    client,
                    identity.withDomains(domains),
                    sender.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(sender)),
                    parameters,
                    author.isEmpty() ? Optional.empty() : Optional.of(MailAddress.parse(author)),
                    in.readBoolean());
        } catch (IOException e) {
            throw new SpoolException("a spooled message's envelope is damaged", e);
        }
    }

    private static ClientInfo readClient(DataInputStream in) throws IOException {
        String sessionId = in.readUTF();
        InetSocketAddress remote = readAddress(in);
        ClientInfo client = ClientInfo.of(sessionId, remote, readAddress(in));
        String helo = in.readUTF();
        String protocol = in.readUTF();
        String cipherSuite = in.readUTF();
        ClientInfo secured =
                protocol.isEmpty() ? client : client.withTls(new TlsInfo(protocol, cipherSuite, List.of()));
        return secured.withHelo(helo);
    }

    private static InetSocketAddress readAddress(DataInputStream in) throws IOException {
        byte[] octets = new byte[in.readByte()];
        in.readFully(octets);
        return new InetSocketAddress(InetAddress.getByAddress(octets), in.readInt());
    }

    /** Reads what {@link EsmtpParameters#toString} writes; no value has a space or an equals sign. */
    static EsmtpParameters parameters(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String one : text.split(" ")) {
            int equals = one.indexOf('=');
            if (!one.isEmpty()) {
                values.put(equals < 0 ? one : one.substring(0, equals), equals < 0 ? "" : one.substring(equals + 1));
            }
        }
        return new EsmtpParameters(values);
    }
}
