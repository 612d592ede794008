package dev.postern.testkit.assertions;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.StandardReply;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A reply found in an exception of a mail library. Text is what follows the code; empty when not known. */
record FoundReply(int code, Optional<EnhancedStatus> status, String text, String where) {

    /** No library nests deeper; bounds the search if references are circular. */
    private static final int MAX_OBJECTS = 100;

    private static final List<String> CODES = List.of("getReturnCode", "getReplyCode", "getSmtpCode", "getCode");
    private static final List<String> TEXTS =
            List.of("getReplyMessages", "getReplyString", "getReplyMessage", "getMessage");
    private static final List<String> NEXT = List.of("getNextException", "getMessageExceptions", "getExceptions");
    private static final Pattern REPLY =
            Pattern.compile("(?<![0-9.])([245][0-5][0-9])[ -]([245]\\.[0-9]{1,3}\\.[0-9]{1,3}) ([ -~]*)");
    private static final Pattern STATUS = Pattern.compile("(?m)^[245]\\.[0-9]{1,3}\\.[0-9]{1,3} [ -~]*$");
    private static final Pattern BARE_CODE = Pattern.compile("(?i)(?:response|code|status)[:= ]+([245][0-5][0-9])\\b");

    /** Finds replies in an exception and in everything that it carries, the outermost first. */
    static List<FoundReply> in(Object outcome) {
        List<FoundReply> found = new ArrayList<>();
        walk(outcome).forEach(one -> look(one).ifPresent(found::add));
        return found;
    }

    /** The exceptions' own messages, one per line. */
    static String text(Object outcome) {
        return walk(outcome).stream()
                .map(one -> one instanceof Throwable
                        ? String.valueOf(one).strip()
                        : one.getClass().getName())
                .map(text -> text.replace("\r", "").replace("\n", " / "))
                .distinct()
                .collect(Collectors.joining("\n"));
    }

    /** Returns whether everything known agrees with a row. */
    boolean is(StandardReply row) {
        if (code != row.code() || status.isPresent() && !status.equals(row.enhancedStatus())) {
            return false;
        }
        return text.isEmpty() || row.matches(code, text);
    }

    private static List<Object> walk(Object outcome) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Object> inOrder = new ArrayList<>();
        Deque<Object> open = new ArrayDeque<>(List.of(outcome));
        while (!open.isEmpty() && inOrder.size() < MAX_OBJECTS) {
            Object next = open.remove();
            if (seen.add(next)) {
                inOrder.add(next);
                open.addAll(carried(next));
            }
        }
        return inOrder;
    }

    private static List<Object> carried(Object one) {
        List<Object> carried = new ArrayList<>();
        if (one instanceof Throwable failure) {
            Optional.ofNullable(failure.getCause()).ifPresent(carried::add);
            carried.addAll(List.of(failure.getSuppressed()));
        }
        for (String accessor : NEXT) {
            Object value = call(one, accessor);
            Stream<?> values = value instanceof Object[] array
                    ? Stream.of(array)
                    : value instanceof Collection<?> collection ? collection.stream() : Stream.ofNullable(value);
            values.filter(Throwable.class::isInstance).forEach(carried::add);
        }
        if (call(one, "getFailedMessages") instanceof Map<?, ?> failed) { // Spring: exceptions by message
            failed.values().stream().filter(Throwable.class::isInstance).forEach(carried::add);
        }
        return carried;
    }

    private static Optional<FoundReply> look(Object one) {
        String where = one.getClass().getSimpleName();
        String said = TEXTS.stream()
                .map(accessor -> call(one, accessor))
                .filter(Objects::nonNull)
                .map(FoundReply::joined)
                .collect(Collectors.joining("\n"));
        Matcher reply = REPLY.matcher(said);
        if (reply.find()) {
            EnhancedStatus status = EnhancedStatus.parse(reply.group(2));
            String text = status + " " + reply.group(3).strip();
            return Optional.of(new FoundReply(Integer.parseInt(reply.group(1)), Optional.of(status), text, where));
        }
        Optional<Integer> code = CODES.stream()
                .map(accessor -> call(one, accessor))
                .filter(Integer.class::isInstance)
                .map(Integer.class::cast)
                .filter(value -> value >= 200 && value < 600)
                .findFirst();
        if (code.isEmpty()) {
            Matcher bare = BARE_CODE.matcher(said);
            code = bare.find() ? Optional.of(Integer.valueOf(bare.group(1))) : Optional.empty();
        }
        Matcher status = STATUS.matcher(said);
        return status.find() && code.isPresent()
                ? code.map(value -> new FoundReply(
                        value,
                        EnhancedStatus.leading(status.group()),
                        status.group().strip(),
                        where))
                : code.map(value -> new FoundReply(value, Optional.empty(), "", where));
    }

    private static String joined(@Nullable Object value) {
        return value instanceof Collection<?> lines
                ? lines.stream().map(String::valueOf).collect(Collectors.joining("\n"))
                : String.valueOf(value);
    }

    /** Calls a public accessor, in whatever public type the library declares it; null when there is none. */
    private static @Nullable Object call(Object one, String accessor) {
        for (Class<?> type = one.getClass(); type != null; type = type.getSuperclass()) {
            Optional<Object> value = call(type, one, accessor);
            if (value.isPresent()) {
                return value.get();
            }
        }
        return null;
    }

    private static Optional<Object> call(Class<?> type, Object one, String accessor) {
        try {
            Method method = type.getDeclaredMethod(accessor);
            boolean open = Modifier.isPublic(type.getModifiers()) && Modifier.isPublic(method.getModifiers());
            return open ? Optional.ofNullable(method.invoke(one)) : Optional.empty();
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return Optional.empty(); // a library that will not tell
        }
    }

    /** Returns code, text and where it was found. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d%s (%s)", code, text.isEmpty() ? "" : " " + text, where);
    }
}
