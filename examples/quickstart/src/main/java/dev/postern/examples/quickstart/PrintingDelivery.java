package dev.postern.examples.quickstart;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A delivery that prints the message, envelope and content, and is done. Safe for use by several threads: one message is
 * printed after the other.
 */
final class PrintingDelivery implements UpstreamDelivery {

    private static final String NAME = "standard output";

    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final PrintStream out;

    PrintingDelivery(PrintStream out) {
        this.out = out;
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        oneAtATime.lock();
        try {
            print(submission);
            // accepted is what was really taken: a pipe that nobody reads any more has taken nothing
            return out.checkError()
                    ? DeliveryResult.deferred(NAME, Reason.FAILED, "it is closed")
                    : DeliveryResult.accepted(NAME, Reply.of(250, new EnhancedStatus(2, 0, 0), "printed"));
        } catch (IOException e) {
            return DeliveryResult.deferred(NAME, Reason.FAILED, "the content cannot be read: " + e.getMessage());
        } finally {
            oneAtATime.unlock();
        }
    }

    private void print(Submission submission) throws IOException {
        out.println("--- message " + submission.id() + " of "
                + submission.identity().user() + ", " + submission.content().size() + " octets");
        out.println("from " + submission.envelope().reversePath());
        submission.envelope().recipients().forEach(recipient -> out.println("to <" + recipient.address() + ">"));
        out.println();
        submission.content().writeTo(out);
        out.println("--- end of message " + submission.id());
        out.flush();
    }
}
