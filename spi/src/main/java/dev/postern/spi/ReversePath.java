package dev.postern.spi;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reverse-path of MAIL (RFC 5321 section 4.1.1.2): a mailbox, or the null reverse-path {@code <>}. */
public final class ReversePath {

    private static final ReversePath EMPTY = new ReversePath(null);

    private final @Nullable MailAddress address;

    private ReversePath(@Nullable MailAddress address) {
        this.address = address;
    }

    /** {@return the null reverse-path, which notifications use (RFC 5321 section 4.5.5)} */
    public static ReversePath empty() {
        return EMPTY;
    }

    /**
     * Creates a reverse-path from a mailbox.
     *
     * @param address the mailbox
     * @return the reverse-path
     */
    public static ReversePath of(MailAddress address) {
        return new ReversePath(Objects.requireNonNull(address, "address"));
    }

    /** {@return the mailbox; empty for the null reverse-path} */
    public Optional<MailAddress> address() {
        return Optional.ofNullable(address);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ReversePath path && Objects.equals(address, path.address);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(address);
    }

    /** Returns the path as sent on the wire, with angle brackets. */
    @Override
    public String toString() {
        return address == null ? "<>" : "<" + address + ">";
    }
}
