package dev.postern.spool;

import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.SpooledMessage.Status;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads messages out of their rows. */
final class Rows {

    private static final String MESSAGE =
            "SELECT id, account, state, sending, received, due, notice, attempts, doubled, delay_told, size, envelope, upstream"
                    + " FROM postern_spool_message";

    private static final int AT_ONCE = 2 << 20; // characters
    private static final int RECIPIENT = 200; // what one weighs beside its texts

    private static final Logger LOG = LoggerFactory.getLogger(Rows.class);

    private Rows() {}

    /**
     * Of some messages the first, as many as are not too much for memory at once; one at least. What weighs are recipients,
     * of which one message may have as many as the relay allows.
     */
    static List<String> atOnce(Connection connection, List<String> ids) throws SQLException {
        if (ids.isEmpty()) {
            return ids;
        }
        Map<String, Long> weights = new HashMap<>();
        Sql.query(
                connection,
                "SELECT message, COUNT(*), SUM(LENGTH(address) + LENGTH(reply)) FROM postern_spool_recipient"
                        + " WHERE message IN (" + Sql.marks(ids.size()) + ") GROUP BY message",
                row -> weights.put(row.getString(1), row.getLong(2) * RECIPIENT + row.getLong(3)),
                ids.toArray());
        int count = 1;
        long weight = weights.getOrDefault(ids.get(0), 0L);
        while (count < ids.size() && weight + weights.getOrDefault(ids.get(count), 0L) <= AT_ONCE) {
            weight += weights.getOrDefault(ids.get(count), 0L);
            count++;
        }
        return List.copyOf(ids.subList(0, count));
    }

    /**
     * Loads messages.
     *
     * @param damaged gets the ids of those that cannot be read, which must not keep the others from being tried
     */
    static List<Stored> load(Connection connection, Collection<String> ids, Set<String> damaged) throws SQLException {
        if (ids.isEmpty()) {
            return new ArrayList<>();
        }
        Object[] parameters = ids.toArray();
        String in = "(" + Sql.marks(parameters.length) + ")";
        Map<String, List<Progress>> recipients = new HashMap<>();
        Sql.query(
                connection,
                "SELECT message, address, parameters, status, reply FROM postern_spool_recipient WHERE message IN " + in
                        + " ORDER BY message, position",
                row -> read(
                        row,
                        damaged,
                        id -> recipients
                                .computeIfAbsent(id, any -> new ArrayList<>())
                                .add(progress(row))),
                parameters);
        Map<String, Stored> found = new HashMap<>();
        Sql.query(
                connection,
                MESSAGE + " WHERE id IN " + in,
                row -> read(row, damaged, id -> found.put(id, stored(row, recipients.getOrDefault(id, List.of())))),
                parameters);
        found.keySet().removeAll(damaged);
        return new ArrayList<>(Arrays.stream(parameters)
                .map(found::get)
                .filter(Objects::nonNull)
                .toList());
    }

    /** What is made of a row of a message. */
    @FunctionalInterface
    private interface Part {
        void read(String id) throws SQLException;
    }

    private static boolean read(ResultSet row, Set<String> damaged, Part part) throws SQLException {
        String id = row.getString(1);
        try {
            part.read(id);
            return true;
        } catch (RuntimeException e) {
            if (damaged.add(id)) {
                LOG.error("Message {} cannot be read", id, e);
            }
            return false;
        }
    }

    private static Progress progress(ResultSet row) throws SQLException {
        return new Progress(
                new Recipient(address(row.getString(2)), Frozen.parameters(row.getString(3))),
                decoded(Status.values(), Rows::code, row.getInt(4), "a recipient in a state"),
                row.getString(5));
    }

    /** Reads what {@link MailAddress#toString} writes, Postmaster without a domain included (RFC 5321 section 4.5.1). */
    private static MailAddress address(String text) {
        return text.indexOf('@') < 0 ? new MailAddress(text, "") : MailAddress.parse(text);
    }

    static int code(State state) {
        return switch (state) {
            case READY -> 0;
            case UNREACHABLE -> 1;
            case HELD -> 2;
        };
    }

    static State state(int code) {
        return decoded(State.values(), Rows::code, code, "a message in a state");
    }

    static int code(Status status) {
        return switch (status) {
            case WAITING -> 0;
            case RELAYED -> 1;
            case FAILED -> 2;
        };
    }

    /** Which of all has the code. */
    static <T> T decoded(T[] all, ToIntFunction<T> codes, int code, String what) {
        for (T each : all) {
            if (codes.applyAsInt(each) == code) {
                return each;
            }
        }
        throw new SpoolException("the database has " + what + " that is not known: " + code);
    }

    private static Stored stored(ResultSet row, List<Progress> recipients) throws SQLException {
        if (recipients.isEmpty()) { // which must not look as if all had it
            throw new SpoolException("the database has none of a message's recipients");
        }
        return new Stored(
                row.getString(1),
                row.getString(2),
                row.getInt(4) == 1,
                row.getLong(5),
                row.getLong(11),
                new Course(
                        state(row.getInt(3)),
                        row.getString(13),
                        row.getLong(6),
                        row.getLong(7),
                        row.getInt(8),
                        row.getInt(9),
                        row.getInt(10) == 1),
                Frozen.read(row.getBytes(12)),
                recipients);
    }
}
