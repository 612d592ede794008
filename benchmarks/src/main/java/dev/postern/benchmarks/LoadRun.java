package dev.postern.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Sends a load, each message once: what is refused is not tried again. */
final class LoadRun {

    /** Learns of each message, on its client's thread. */
    interface Observer {

        /** The message was answered. */
        void answered(int number, Answer answer);

        /** The connection was lost before there was an answer. */
        void lost(int number, IOException cause);
    }

    /**
     * What came of it.
     *
     * @param seconds from the first message to the last reply
     * @param accepted messages answered with 250
     * @param refused messages answered otherwise
     * @param lost messages not answered
     * @param millis how long each accepted message took, in order of size
     * @param complaint a refusal or a loss, for instance; empty when there was none
     */
    record Result(double seconds, int accepted, int refused, int lost, List<Double> millis, String complaint) {

        double percentile(double percent) {
            return millis.isEmpty()
                    ? Double.NaN
                    : millis.get((int) Math.min(millis.size() - 1, millis.size() * percent / 100));
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"accepted\": %d, \"refused\": %d, \"lost\": %d, \"seconds\": %.4f, \"rate\": %.2f, \"p50_ms\": %.3f,"
                            + " \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}",
                    accepted,
                    refused,
                    lost,
                    seconds,
                    accepted / seconds,
                    percentile(50),
                    percentile(90),
                    percentile(99),
                    percentile(100));
        }
    }

    private final Load load;
    private final byte[] content;
    private final Observer observer;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final double[] millis; // NaN where the message was not accepted
    private volatile String complaint = "";

    LoadRun(Load load, Observer observer) {
        this.load = load;
        this.observer = observer;
        content = load.content();
        millis = new double[load.messages()];
        Arrays.fill(millis, Double.NaN);
    }

    Result run() throws InterruptedException {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < Math.min(load.sessions(), load.messages()); i++) {
            Thread client = new Thread(this::client, "client-" + i);
            client.setDaemon(true);
            clients.add(client);
        }
        long begun = System.nanoTime();
        clients.forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        List<Double> accepted = Arrays.stream(millis)
                .filter(took -> !Double.isNaN(took))
                .sorted()
                .boxed()
                .toList();
        return new Result(seconds, accepted.size(), refused.get(), lost.get(), accepted, complaint);
    }

    private void client() {
        try (SmtpClient client = new SmtpClient(load, content)) {
            for (int number = next.getAndIncrement(); number < load.messages(); number = next.getAndIncrement()) {
                send(client, number);
            }
        } catch (IOException e) {
            complaint = "not closed: " + e;
        }
    }

    private void send(SmtpClient client, int number) {
        long begun = System.nanoTime();
        Answer answer = null;
        IOException cause = null;
        try {
            answer = client.send(number);
        } catch (IOException e) {
            cause = e;
        }
        double took = (System.nanoTime() - begun) / 1e6;
        settle(number, answer, cause, took);
    }

    private void settle(int number, @Nullable Answer answer, @Nullable IOException cause, double took) {
        if (answer == null) {
            IOException reason = cause == null ? new IOException("no answer") : cause;
            complaint = reason.toString();
            lost.incrementAndGet();
            observer.lost(number, reason);
            return;
        }
        if (answer.accepted()) {
            millis[number] = took;
        } else {
            complaint = answer.text();
            refused.incrementAndGet();
        }
        observer.answered(number, answer);
    }
}
