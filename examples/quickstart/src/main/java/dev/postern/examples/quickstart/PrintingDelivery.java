package dev.postern.examples.quickstart;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A delivery that prints the message, envelope and content, and is done. Safe for use by several threads: one message is
 * printed after the other.
 */
final class PrintingDelivery implements UpstreamDelivery {

    private static final String NAME = "standard output";

    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final OutputStream out;

    /** Takes no {@link java.io.PrintStream}: after one error it reports every later message as lost, though it prints it. */
    PrintingDelivery(OutputStream out) {
        this.out = out;
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        oneAtATime.lock();
        try {
            print(submission);
            // accepted is what was really taken: a pipe that nobody reads any more has taken nothing
            return DeliveryResult.accepted(NAME, Reply.of(250, new EnhancedStatus(2, 0, 0), "printed"));
        } catch (IOException e) {
            return DeliveryResult.deferred(NAME, Reason.FAILED, "the message cannot be printed: " + e.getMessage());
        } finally {
            oneAtATime.unlock();
        }
    }

    private void print(Submission submission) throws IOException {
        StringBuilder head = new StringBuilder("--- message ")
                .append(submission.id())
                .append(" of ")
                .append(submission.identity().user())
                .append(", ")
                .append(submission.content().size())
                .append(" octets\nfrom ")
                .append(submission.envelope().reversePath())
                .append('\n');
        submission
                .envelope()
                .recipients()
                .forEach(recipient ->
                        head.append("to <").append(recipient.address()).append(">\n"));
        boolean whole = false;
        try {
            write(head.append('\n'));
            submission.content().writeTo(out);
            whole = true;
        } finally {
            // what follows begins a line of its own, and nobody takes half a message for one
            write((whole ? "--- end of message " : "\n--- cut off: message ") + submission.id() + "\n");
        }
    }

    private void write(CharSequence text) throws IOException {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
