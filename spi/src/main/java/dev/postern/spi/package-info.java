/**
 * What a host application implements, and the values that cross that line.
 *
 * <p>The three interfaces that the relay is about are {@link dev.postern.spi.Authenticator}, {@link
 * dev.postern.spi.QuotaStore} and {@link dev.postern.spi.UpstreamDelivery}. All of them are called on a session's own
 * thread, concurrently for different sessions, and may block. One that throws, answers null or does not answer within
 * the relay's plug-in time-out refuses temporarily: it never lets mail or a login through, and its text never reaches
 * the client. Values are immutable and safe to share between threads unless their javadoc says otherwise.
 */
@NullMarked
package dev.postern.spi;

import org.jspecify.annotations.NullMarked;
