package dev.postern.spi;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Learns what happens, and cannot change it. Override the methods of the events that you need, or {@link #on} for all.
 * Called on the session's thread, or on one of the relay's that looks after kept connections, concurrently. Must return
 * quickly, because the client is waiting: the relay warns once a minute of a listener that takes 100 ms or longer, and {@link
 * #async} hands events to another thread. Must keep the thread's interruption. When a listener throws, the relay logs that;
 * the event is lost.
 */
public interface RelayListener {

    /**
     * Takes an event. By default, calls the method for its kind. Kinds of later versions and of extensions have no method
     * here: they come to this one only.
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
     * Credentials, or a trusted address, were judged.
     *
     * @param event what happened
     */
    default void loginJudged(RelayEvent.LoginJudged event) {}

    /**
     * The content of a message has come to its end.
     *
     * @param event what happened
     */
    default void messageReceived(RelayEvent.MessageReceived event) {}

    /**
     * A message has its reply.
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
     * An upstream took a message.
     *
     * @param event what happened
     */
    default void relayed(RelayEvent.Relayed event) {}

    /**
     * No upstream took a message.
     *
     * @param event what happened
     */
    default void notRelayed(RelayEvent.NotRelayed event) {}

    /**
     * An upstream took nothing of a message, and the next one is asked.
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
     * An account has used a part of its quota, or all of it.
     *
     * @param event what happened
     */
    default void quotaThreshold(RelayEvent.QuotaThreshold event) {}

    /**
     * An operator changed what an account has used.
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
     * Makes a listener of one function for all events.
     *
     * @param consumer takes each event, under the terms of this interface
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
     * Tells several listeners, in this order. Each is told, also when one before it throws.
     *
     * @param listeners who is told
     * @return one listener; it throws what the first one threw, with what others threw suppressed
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
     * Hands events over to a thread of its own, so that no session waits for the listener. What does not fit into the queue
     * is dropped, and counted. The content of messages cannot be read any more when the listener gets an event.
     *
     * @param listener who is told, by one thread, in the order in which sessions tell
     * @param capacity how many events may wait, 1 or more
     * @return the listener to give to a relay; when the last of its relays has ended it tells what still waits, for 5
     *     seconds at most, and ends its thread
     * @throws IllegalArgumentException when capacity is under 1
     */
    static AsyncListener async(RelayListener listener, int capacity) {
        return new AsyncListener(listener, capacity);
    }

    /**
     * Ignores everything.
     *
     * @return the default
     */
    static RelayListener none() {
        return of(event -> {});
    }
}
