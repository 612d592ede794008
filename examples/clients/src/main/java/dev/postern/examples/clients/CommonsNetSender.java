package dev.postern.examples.clients;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.commons.net.smtp.AuthenticatingSMTPClient;
import org.apache.commons.net.smtp.AuthenticatingSMTPClient.AUTH_METHOD;
import org.apache.commons.net.smtp.SMTPConnectionClosedException;
import org.apache.commons.net.smtp.SMTPReply;
import org.apache.commons.net.smtp.SimpleSMTPHeader;

/** Commons Net, a connection for each message. It returns what others throw: look at each reply. */
public final class CommonsNetSender implements Sender {

    /** A step was refused. */
    public static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String reply) {
            super(reply);
        }
    }

    private final String host;
    private final int port;
    private final String user;
    private final String password;

    public CommonsNetSender(String host, int port, String user, String password) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
    }

    // DOC commonsnet
    @Override
    public void send(Mail mail) throws IOException, GeneralSecurityException {
        // its own default trusts every certificate that has not expired, and checks no names
        var client = new AuthenticatingSMTPClient(false, SSLContext.getDefault());
        client.setEndpointCheckingEnabled(true);
        client.setConnectTimeout(30_000);
        client.setDefaultTimeout(300_000);
        client.setCharset(StandardCharsets.UTF_8);
        try {
            client.connect(host, port);
            must(client, SMTPReply.isPositiveCompletion(client.getReplyCode()));
            must(client, client.elogin());
            must(client, client.execTLS());
            must(client, client.elogin());
            must(client, client.auth(AUTH_METHOD.PLAIN, user, password));
            must(client, client.setSender(mail.from()));
            for (String recipient : mail.to()) {
                must(client, client.addRecipient(recipient));
            }
            try (Writer content = client.sendMessageData()) {
                must(client, content != null);
                var header = new SimpleSMTPHeader(mail.from(), String.join(", ", mail.to()), mail.subject());
                content.write(header + mail.text());
            }
            must(client, client.completePendingCommand());
            client.logout();
        } catch (SMTPConnectionClosedException e) { // what comes of every 421; the client has kept the reply
            throw (IOException) new RefusedException(client.getReplyString()).initCause(e);
        } finally {
            client.disconnect();
        }
    }

    private static void must(AuthenticatingSMTPClient client, boolean succeeded) throws RefusedException {
        if (!succeeded) {
            throw new RefusedException(client.getReplyString());
        }
    }

    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        return failure instanceof RefusedException ? Refusal.in(failure.getMessage()) : Optional.empty();
    }
    // end

    @Override
    public void close() {} // nothing stays open
}
