package dev.postern.ldap;

import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** When a login has to be over. */
record Deadline(RelayClock clock, long end) {

    static Deadline in(Duration time, RelayClock clock) {
        return new Deadline(clock, clock.nanoTime() + time.toNanos());
    }

    /** The milliseconds that are left, 1 or more. */
    long left() throws LDAPException {
        long left = TimeUnit.NANOSECONDS.toMillis(end - clock.nanoTime());
        if (left <= 0) {
            throw new LDAPException(ResultCode.TIMEOUT, "no answer in time");
        }
        return left;
    }
}
