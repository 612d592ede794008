package dev.postern.internal.reply;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.util.Optional;
import java.util.function.Function;

/** What a check came to: a value, or the refusal in its place. */
public sealed interface Judged<T> {

    record Passed<T>(T value) implements Judged<T> {}

    /** No value. The detail is the reason for the log, printable; mostly empty, for the reply says it. */
    record Refused<T>(Reply reply, String detail) implements Judged<T> {

        /** Must not be called: whoever wants the value has looked whether there is one. */
        @Override
        public T value() {
            throw new IllegalStateException("refused: " + reply);
        }
    }

    static <T> Judged<T> passed(T value) {
        return new Passed<>(value);
    }

    static <T> Judged<T> refused(StandardReply row, Object... arguments) {
        return refused(row.reply(arguments), "");
    }

    static <T> Judged<T> refused(Reply reply, String detail) {
        return new Refused<>(reply, detail);
    }

    /** The value of one that passed. */
    T value();

    /** Goes on with the value, if there is one. */
    default <R> Judged<R> then(Function<? super T, Judged<R>> next) {
        return this instanceof Refused<T> refused ? refused(refused.reply, refused.detail) : next.apply(value());
    }

    default Optional<Reply> refusal() {
        return this instanceof Refused<T> refused ? Optional.of(refused.reply()) : Optional.empty();
    }
}
