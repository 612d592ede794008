package dev.postern.internal.upstream;

import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.james.core.MailAddress;
import org.apache.james.core.MaybeSender;
import org.apache.james.metrics.api.Metric;
import org.apache.james.metrics.api.MetricFactory;
import org.apache.james.metrics.api.TimeMetric;
import org.apache.james.protocols.api.Request;
import org.apache.james.protocols.api.Response;
import org.apache.james.protocols.api.handler.CommandHandler;
import org.apache.james.protocols.api.handler.ConnectHandler;
import org.apache.james.protocols.api.handler.LineHandler;
import org.apache.james.protocols.api.handler.ProtocolHandler;
import org.apache.james.protocols.netty.NettyServer;
import org.apache.james.protocols.smtp.MailEnvelope;
import org.apache.james.protocols.smtp.SMTPConfigurationImpl;
import org.apache.james.protocols.smtp.SMTPProtocol;
import org.apache.james.protocols.smtp.SMTPProtocolHandlerChain;
import org.apache.james.protocols.smtp.SMTPResponse;
import org.apache.james.protocols.smtp.SMTPSession;
import org.apache.james.protocols.smtp.core.DataLineFilter;
import org.apache.james.protocols.smtp.core.esmtp.EhloCmdHandler;
import org.apache.james.protocols.smtp.hook.HeloHook;
import org.apache.james.protocols.smtp.hook.HookResult;
import org.apache.james.protocols.smtp.hook.MessageHook;
import org.apache.james.protocols.smtp.hook.RcptHook;
import org.junit.jupiter.api.AfterEach;
import org.reactivestreams.Publisher;

/** The SMTP server of Apache James, which the build brings: a judge on every machine. */
@OnAnyJdk
class JamesTest extends ForeignServerTests {

    private static final byte[] END = ".\r\n".getBytes(StandardCharsets.US_ASCII);

    private final List<NettyServer> servers = new ArrayList<>();
    private final List<Stored> stored = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(NettyServer::unbind);
        servers.clear();
    }

    @Override
    int start(Manner manner) throws Exception {
        SMTPProtocolHandlerChain chain = new SMTPProtocolHandlerChain(new NoMetrics());
        if (manner == Manner.SPEAKS_NO_ESMTP) {
            chain.removeIf(EhloCmdHandler.class::isInstance);
        }
        chain.add(0, handler(manner));
        chain.wireExtensibleHandlers();
        NettyServer server = new NettyServer.Factory()
                .protocol(new SMTPProtocol(chain, new SMTPConfigurationImpl()))
                .build();
        server.setListenAddresses(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.setIoWorkerCount(1);
        server.setGracefulShutdown(false); // which takes seconds
        server.bind();
        servers.add(server);
        return server.getListenAddresses().get(0).getPort();
    }

    private ProtocolHandler handler(Manner manner) {
        return switch (manner) {
            case ACCEPTS, SPEAKS_NO_ESMTP ->
                (MessageHook) (session, envelope) -> {
                    stored.add(stored(envelope));
                    return HookResult.OK;
                };
            case REFUSES_CONNECTIONS ->
                (ConnectHandler<SMTPSession>) session -> {
                    SMTPResponse refusal = new SMTPResponse("554", "No");
                    refusal.setEndSession(true);
                    return refusal;
                };
            case REFUSES_EHLO_AND_HELO -> (HeloHook) (session, name) -> HookResult.DENY;
            case REFUSES_RECIPIENTS -> new RefusingRecipients();
            case DEFERS_CONTENT -> (MessageHook) (session, envelope) -> HookResult.DENYSOFT;
            case VANISHES_AT_MAIL -> new VanishingAtMail();
            case VANISHES_AFTER_CONTENT -> (DataLineFilter) JamesTest::vanish;
        };
    }

    private static final class RefusingRecipients implements RcptHook {
        @Override
        public HookResult doRcpt(SMTPSession session, MaybeSender sender, MailAddress recipient) {
            return HookResult.DENY;
        }
    }

    /** Takes MAIL before James does, and closes the connection without a reply. */
    private static final class VanishingAtMail implements CommandHandler<SMTPSession> {
        @Override
        public Response onCommand(SMTPSession session, Request request) {
            return Response.DISCONNECT;
        }

        @Override
        public Collection<String> getImplCommands() {
            return List.of("MAIL");
        }
    }

    private static Response vanish(SMTPSession session, byte[] line, LineHandler<SMTPSession> next) {
        boolean end = Arrays.equals(line, END);
        return end ? Response.DISCONNECT : next.onLine(session, line);
    }

    private static Stored stored(MailEnvelope envelope) {
        try {
            String text = new String(envelope.getMessageInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Stored(envelope.getRecipients().get(0).asString(), text.substring(text.indexOf("Subject: ")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    List<Stored> stored() {
        stop();
        return stored;
    }

    @Override
    String asStored(String text) {
        return text;
    }

    /** It wants to count; nobody asks. */
    @SuppressWarnings("deprecation") // two methods of the interfaces
    private static final class NoMetrics implements MetricFactory, Metric, TimeMetric, TimeMetric.ExecutionResult {

        @Override
        public Metric generate(String name) {
            return this;
        }

        @Override
        public TimeMetric timer(String name) {
            return this;
        }

        @Override
        public <T> Publisher<T> decoratePublisherWithTimerMetric(String name, Publisher<T> publisher) {
            return publisher;
        }

        @Override
        public <T> Publisher<T> decoratePublisherWithTimerMetricLogP99(String name, Publisher<T> publisher) {
            return publisher;
        }

        @Override
        public void increment() {}

        @Override
        public void decrement() {}

        @Override
        public void add(int value) {}

        @Override
        public void remove(int value) {}

        @Override
        public long getCount() {
            return 0;
        }

        @Override
        public String name() {
            return "none";
        }

        @Override
        public TimeMetric.ExecutionResult stopAndPublish() {
            return this;
        }

        @Override
        public Duration elasped() {
            return Duration.ZERO;
        }

        @Override
        public TimeMetric.ExecutionResult logWhenExceedP99(Duration threshold) {
            return this;
        }
    }
}
