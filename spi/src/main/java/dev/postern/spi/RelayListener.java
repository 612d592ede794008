package dev.postern.spi;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Receives a relay's events, which it cannot influence. Override the methods of the events that you need, or {@link
 * #on} for all. Called concurrently, on the session's thread or on a relay thread that maintains kept connections. Must
 * return quickly, because the client is waiting: the relay warns once a minute about a listener that takes 100 ms or
 * longer, and {@link #async} passes events to another thread. Must keep the thread's interrupt status. When a listener
 * throws, the relay logs that; the event is lost.
 */
public interface RelayListener {

    /**
     * Receives every event. The default calls the method for the event's kind. Kinds of later versions and extensions
     * have no method of their own and reach only this one.
     *
     * @param event what happened
     */
    default void on(RelayEvent event) {
        event.passTo(this);
    }

    /**
     * A relay begins to listen.
     *
     * @param event what happened
     */
    default void relayStarted(RelayEvent.RelayStarted event) {}

    /**
     * A relay has ended.
     *
     * @param event what happened
     */
    default void relayClosed(RelayEvent.RelayClosed event) {}

    /**
     * A client connected and got the greeting.
     *
     * @param event what happened
     */
    default void sessionOpened(RelayEvent.SessionOpened event) {}

    /**
     * A session that got the greeting ended.
     *
     * @param event what happened
     */
    default void sessionClosed(RelayEvent.SessionClosed event) {}

    /**
     * A client authenticated, by AUTH or by its trusted address.
     *
     * @param event what happened
     */
    default void authenticated(RelayEvent.Authenticated event) {}

    /**
     * A login by credentials or by a trusted address was decided.
     *
     * @param event what happened
     */
    default void loginJudged(RelayEvent.LoginJudged event) {}

    /**
     * The content of a message was received to its end.
     *
     * @param event what happened
     */
    default void messageReceived(RelayEvent.MessageReceived event) {}

    /**
     * The reply to a received message is about to be sent.
     *
     * @param event what happened
     */
    default void messageAnswered(RelayEvent.MessageAnswered event) {}

    /**
     * A connection, a command or a message was refused.
     *
     * @param event what happened
     */
    default void refused(RelayEvent.Refused event) {}

    /**
     * An upstream accepted a message.
     *
     * @param event what happened
     */
    default void relayed(RelayEvent.Relayed event) {}

    /**
     * No upstream accepted a message.
     *
     * @param event what happened
     */
    default void notRelayed(RelayEvent.NotRelayed event) {}

    /**
     * An upstream accepted nothing of a message, and the next one, if any, is tried.
     *
     * @param event what happened
     */
    default void passedOver(RelayEvent.PassedOver event) {}

    /**
     * An upstream cannot be reached.
     *
     * @param event what happened
     */
    default void upstreamLost(RelayEvent.UpstreamLost event) {}

    /**
     * An upstream still cannot be reached.
     *
     * @param event what happened
     */
    default void upstreamStillLost(RelayEvent.UpstreamStillLost event) {}

    /**
     * An upstream can be reached again.
     *
     * @param event what happened
     */
    default void upstreamFound(RelayEvent.UpstreamFound event) {}

    /**
     * An account's usage reached a threshold of its quota.
     *
     * @param event what happened
     */
    default void quotaThreshold(RelayEvent.QuotaThreshold event) {}

    /**
     * An operator changed an account's usage.
     *
     * @param event what happened
     */
    default void quotaAdjusted(RelayEvent.QuotaAdjusted event) {}

    /**
     * A store does not answer.
     *
     * @param event what happened
     */
    default void storeLost(RelayEvent.StoreLost event) {}

    /**
     * A store answers again.
     *
     * @param event what happened
     */
    default void storeFound(RelayEvent.StoreFound event) {}

    /**
     * Makes a listener from one function for all events.
     *
     * @param consumer receives each event, under the terms of this interface
     * @return the listener
     */
    static RelayListener of(Consumer<? super RelayEvent> consumer) {
        Objects.requireNonNull(consumer, "consumer");
        return new RelayListener() {
            @Override
            public void on(RelayEvent event) {
                consumer.accept(event);
            }
        };
    }

    /**
     * Calls several listeners, in this order; each is called even if one before it throws.
     *
     * @param listeners the listeners
     * @return one listener; it throws the first exception, with the others suppressed
     */
    static RelayListener all(RelayListener... listeners) {
        List<RelayListener> told = List.of(Objects.requireNonNull(listeners, "listeners"));
        return of(event -> {
            RuntimeException failure = null;
            for (RelayListener listener : told) {
                try {
                    listener.on(event);
                } catch (RuntimeException e) {
                    if (failure == null) {
                        failure = e;
                    } else if (failure != e) {
                        failure.addSuppressed(e);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
        });
    }

    /**
     * Passes events to a listener on its own thread, so that no session waits for it. Events that do not fit into the
     * queue are dropped and counted. By the time the listener gets an event, message content can no longer be read.
     *
     * @param listener called by one thread, in the order of the queue
     * @param capacity how many events may wait, 1 or more
     * @return the listener to give to a relay; when its last relay has ended, it delivers the queued events, for at
     *     most 5 seconds, and ends its thread
     * @throws IllegalArgumentException when capacity is under 1
     */
    static AsyncListener async(RelayListener listener, int capacity) {
        return new AsyncListener(listener, capacity);
    }

    /**
     * Ignores all events.
     *
     * @return the default listener
     */
    static RelayListener none() {
        return of(event -> {});
    }
}
