/**
 * The interfaces that a host application implements, and the values that they exchange with the relay.
 *
 * <p>The three central interfaces are {@link dev.postern.spi.Authenticator}, {@link dev.postern.spi.QuotaStore} and
 * {@link dev.postern.spi.UpstreamDelivery}. All interfaces are called on a session's own thread or a relay thread,
 * concurrently for different sessions, and may block. One that throws, returns null or exceeds the relay's plug-in
 * time-out (a delivery and a signer have none) causes a temporary refusal: it never lets mail or a login through, and
 * its text never reaches the client.
 * Values are immutable and safe to share between threads unless their javadoc says otherwise.
 */
@NullMarked
package dev.postern.spi;

import org.jspecify.annotations.NullMarked;
