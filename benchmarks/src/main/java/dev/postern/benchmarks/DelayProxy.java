package dev.postern.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Carries connections to another port of 127.0.0.1, and every octet half of a round trip later than it came. So a far
 * server looks, but for the making of the connection, which is not delayed, and for windows and losses, which there are
 * none of. As much is under way as comes in, up to {@value #MAX_BLOCKS} blocks.
 */
final class DelayProxy implements Closeable {

    private static final int MAX_BLOCKS = 4096;
    private static final int BLOCK = 64 * 1024;

    private final ServerSocket listener;
    private final int to;
    private volatile long delayNanos;

    private static final class Block {
        private final byte[] octets;
        private final long due;

        private Block(byte[] octets, long due) {
            this.octets = octets;
            this.due = due;
        }
    }

    DelayProxy(int to, Duration roundTrip) throws IOException {
        this.to = to;
        setRoundTrip(roundTrip);
        listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 1024);
        start("delay-accept", () -> {
            while (true) {
                carry(listener.accept());
            }
        });
    }

    /** For what comes from now on. */
    void setRoundTrip(Duration roundTrip) {
        delayNanos = roundTrip.toNanos() / 2;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Takes no more connections; those that are there live until an end closes them. */
    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void carry(Socket near) throws IOException {
        try {
            Socket far = new Socket(near.getLocalAddress(), to);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            direction(near, far);
            direction(far, near);
        } catch (IOException e) {
            near.close(); // as a server that cannot be reached
        }
    }

    private void direction(Socket from, Socket into) {
        BlockingQueue<Block> underway = new LinkedBlockingQueue<>(MAX_BLOCKS);
        start("delay-in", () -> {
            try (InputStream in = from.getInputStream()) {
                byte[] buffer = new byte[BLOCK];
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    underway.put(new Block(Arrays.copyOf(buffer, length), System.nanoTime() + delayNanos));
                }
            } finally {
                underway.put(new Block(new byte[0], System.nanoTime() + delayNanos)); // the end
            }
        });
        start("delay-out", () -> {
            try (OutputStream out = into.getOutputStream()) {
                for (Block block = underway.take(); block.octets.length > 0; block = underway.take()) {
                    await(block.due);
                    out.write(block.octets);
                }
            }
        });
    }

    private static void await(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Work that ends with its socket. */
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        return; // an end has closed the connection, or the listener was closed
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }
}
