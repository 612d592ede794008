package dev.postern.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;

/**
 * The least that a relay does: it reads and writes on sockets what the relay reads and writes, keeps its upstream
 * connections, pipelines the envelope, sends RSET behind the content, and writes a line of log for each message. It looks at
 * nothing, limits nothing and believes every reply, so it is fit for nothing but to be measured.
 */
final class Floor implements Closeable {

    private static final int BACKLOG = 1024;

    private final ServerSocket listener;
    private final int upstream;
    private final Executor threads;
    private final Deque<Wire> idle = new ConcurrentLinkedDeque<>();

    Floor(int upstream) throws IOException {
        this.upstream = upstream;
        threads = virtualThreads().orElse(work -> new Thread(work, "floor-session").start());
        listener = new ServerSocket(0, BACKLOG, loopback());
        Thread thread = new Thread(this::accept, "floor");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            return; // it was closed
        }
    }

    private void serve(Socket socket) {
        try (Wire client = new Wire(socket)) {
            StringBuilder envelope = new StringBuilder();
            answer(client, "220 floor.example ESMTP");
            while (true) {
                String line = client.line();
                if (line.startsWith("MAIL") || line.startsWith("RCPT")) {
                    envelope.append(line).append("\r\n");
                    answer(client, "250 2.1.0 Ok");
                } else if (line.equals("DATA")) {
                    answer(client, "354 End data with <CR><LF>.<CR><LF>");
                    submit(envelope + "DATA\r\n", client.content());
                    envelope.setLength(0);
                    answer(client, "250 2.0.0 Ok");
                } else if (line.equals("QUIT")) {
                    answer(client, "221 2.0.0 Bye");
                    return;
                } else {
                    answer(client, "250 Ok");
                }
            }
        } catch (IOException e) {
            return; // the client has gone
        }
    }

    private void submit(String envelope, byte[] content) throws IOException {
        Wire connection = idle.pollFirst();
        if (connection == null) {
            connection = connect();
        }
        connection.write(envelope);
        connection.flush();
        for (int i = envelope.indexOf('\n'); i >= 0; i = envelope.indexOf('\n', i + 1)) {
            reply(connection);
        }
        connection.write(content);
        connection.write("RSET\r\n");
        connection.flush();
        String end = reply(connection);
        reply(connection);
        idle.addFirst(connection);
        System.err.println("relayed: " + end);
    }

    private Wire connect() throws IOException {
        Wire connection = new Wire(new Socket(loopback(), upstream));
        reply(connection);
        connection.write("EHLO floor.example\r\n");
        connection.flush();
        reply(connection);
        return connection;
    }

    private static void answer(Wire client, String line) throws IOException {
        client.write(line + "\r\n");
        client.flush();
    }

    private static String reply(Wire connection) throws IOException {
        String line = connection.line();
        while (line.startsWith("-", 3)) {
            line = connection.line();
        }
        return line;
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    /** As the relay does: on a JVM that has them. */
    private static Optional<Executor> virtualThreads() {
        try {
            Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            return Optional.of(work -> {
                try {
                    start.invoke(null, work);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (NoSuchMethodException e) {
            return Optional.empty();
        }
    }
}
