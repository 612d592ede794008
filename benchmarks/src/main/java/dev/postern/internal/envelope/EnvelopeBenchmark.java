package dev.postern.internal.envelope;

import dev.postern.internal.plugin.Guarded;
import dev.postern.settings.MessageRules;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.MailAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Arguments of MAIL and RCPT. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EnvelopeBenchmark {

    private final EnvelopeGate gate =
            new EnvelopeGate(MessageRules.defaults(), Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll()));
    private String mail = "FROM:<ann.of.accounts@mail.example.org> SIZE=4096 BODY=8BITMIME";
    private String rcpt = "TO:<bob+tag@customers.example.net>";
    private String address = "bob+tag@customers.example.net";

    /** Reads MAIL. */
    @Benchmark
    public Object mail() {
        return gate.mail(mail, true);
    }

    /** Reads RCPT. */
    @Benchmark
    public Object rcpt() {
        return gate.rcpt(rcpt, false);
    }

    /** Reads an address alone. */
    @Benchmark
    public Object address() {
        return MailAddress.tryParse(address);
    }
}
