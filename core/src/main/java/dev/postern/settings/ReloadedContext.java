package dev.postern.settings;

import dev.postern.settings.PemFiles.Material;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key material of PEM files. The first caller after an interval reads the files again; others get the old material
 * meanwhile, and none waits for a lock. Thread-safe.
 */
final class ReloadedContext implements Supplier<SSLContext> {

    private static final Logger LOG = LoggerFactory.getLogger(TlsSettings.class);

    private final PemFiles files;
    private final long interval;
    private final RelayClock clock;
    private final AtomicLong nextLook;
    private volatile Material current;
    private volatile String warning = "";

    ReloadedContext(PemFiles files, Material first, Duration interval, RelayClock clock) {
        this.files = files;
        this.interval = interval.toNanos();
        this.clock = clock;
        current = first;
        nextLook = new AtomicLong(clock.nanoTime()); // the files may have changed since
    }

    @Override
    public SSLContext get() {
        long now = clock.nanoTime();
        long due = nextLook.get();
        if (now - due >= 0 && nextLook.compareAndSet(due, now + interval)) {
            look();
        }
        return current.context();
    }

    private void look() {
        try {
            Material changed = files.changed(current.fingerprint());
            if (changed != null) {
                current = changed;
                LOG.info("TLS has new keys, of {}; the certificate expires at {}", files, changed.expires());
            }
            warning = "";
        } catch (IllegalArgumentException e) {
            if (!warning.equals(e.getMessage())) { // once, not at each look
                warning = String.valueOf(e.getMessage());
                LOG.warn("TLS goes on with the keys that it has: {}", warning);
            }
        }
    }
}
