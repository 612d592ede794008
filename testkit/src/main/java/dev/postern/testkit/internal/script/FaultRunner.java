package dev.postern.testkit.internal.script;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.internal.wire.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does to a connection what a fault says. For the connection's thread, but for {@link #abort}. */
public final class FaultRunner {

    /** Ends a session from wherever it is. */
    public static final class SessionOver extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** How long a closed connection is still read from, in real time. */
    private static final int LINGER_MILLIS = 5_000;

    private final Wire wire;
    private final Transcript transcript;
    private final CountDownLatch aborted = new CountDownLatch(1);

    public FaultRunner(Wire wire, Transcript transcript) {
        this.wire = wire;
        this.transcript = transcript;
    }

    /** The first octet of what a fault says, which decides whether the command counts as done; a hyphen for none. */
    public static char firstOctet(Fault fault) {
        if (fault instanceof Fault.InOrder both) {
            char first = firstOctet(both.first());
            return first == '-' ? firstOctet(both.second()) : first;
        }
        if (fault instanceof Fault.Instead instead) {
            return firstOctet(instead.meant());
        }
        return fault instanceof Fault.Say say && !say.octets().isEmpty()
                ? say.octets().charAt(0)
                : '-';
    }

    /** Tells whether a fault counts as a reply. */
    public static boolean replies(Fault fault) {
        return fault instanceof Fault.Instead instead ? replies(instead.meant()) : fault.saysSomething();
    }

    /** Tells whether all that a fault does is to wait, so that the usual follows. */
    public static boolean onlyWaits(Fault fault) {
        return waits(fault)
                || fault instanceof Fault.InOrder both && onlyWaits(both.first()) && onlyWaits(both.second());
    }

    private static boolean waits(Fault fault) {
        return fault instanceof Fault.Delay || fault instanceof Fault.LoseInput;
    }

    /** Waits, where the fault begins with that, and returns what remains: the usual where nothing does. */
    public Fault afterDelay(Optional<Fault> scripted, Fault usual) throws IOException {
        Fault fault = scripted.orElse(usual);
        while (fault instanceof Fault.InOrder both && waits(both.first())) {
            carryOut(both.first());
            fault = both.second();
        }
        if (waits(fault)) {
            carryOut(fault);
            return usual;
        }
        return fault;
    }

    public void carryOut(Fault fault) throws IOException {
        if (fault instanceof Fault.Say say) {
            say.octets().lines().forEach(line -> transcript.server(Octets.of(line + "\r\n")));
            wire.write(Octets.of(say.octets()));
            if (say.afterwards() == Fault.Afterwards.CLOSE) {
                breakDown(Fault.Breakdown.CLOSE);
            }
        } else if (fault instanceof Fault.Delay delay) {
            await(delay.time());
        } else if (fault instanceof Fault.LoseInput lost) {
            lose(lost.within());
        } else if (fault instanceof Fault.Instead instead) {
            carryOut(instead.done());
        } else if (fault instanceof Fault.InOrder both) {
            carryOut(both.first());
            carryOut(both.second());
        } else if (fault instanceof Fault.Breakdown breakdown) {
            breakDown(breakdown);
        }
    }

    /** Ends what waits, from any thread. */
    public void abort() {
        aborted.countDown();
    }

    private void breakDown(Fault.Breakdown breakdown) throws IOException {
        switch (breakdown) {
            case HANG -> drain();
            case STALL -> await(Duration.ofDays(1));
            case CLOSE -> {
                wire.closeOutput();
                wire.readTimeout(LINGER_MILLIS);
                drain();
            }
            case RESET -> wire.reset();
        }
        throw new SessionOver();
    }

    private void drain() throws IOException {
        try {
            while (wire.octetComes()) {
                wire.takeBuffered();
            }
        } catch (SocketTimeoutException e) {
            transcript.note("the client left its side open");
        }
    }

    private void lose(Duration within) throws IOException {
        try {
            wire.readTimeout((int) Math.max(1, within.toMillis()));
            if (!wire.octetComes()) {
                throw new EOFException("closed by the client");
            }
            transcript.note("lost " + wire.takeBuffered().length + " octets");
        } catch (SocketTimeoutException e) {
            transcript.note("the client sent nothing that could be lost");
        } finally {
            wire.readTimeout(0);
        }
    }

    private void await(Duration time) {
        try {
            if (aborted.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                transcript.note("ended while it waited");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
