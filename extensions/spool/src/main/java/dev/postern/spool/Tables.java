package dev.postern.spool;

import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.SpooledMessage.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
import org.jspecify.annotations.Nullable;

/** What is done to the rows; each method is one transaction or one reading. Safe for use by several threads. */
final class Tables {

    static final int PIECE = 256 << 10;

    /** Nobody tries it. */
    static final String NOBODY = "";

    private static final int MAX_REPLY = 900;
    private static final String MESSAGE =
            "SELECT id, account, state, sending, received, due, notice, attempts, doubled, delayed, size, envelope, upstream"
                    + " FROM postern_spool_message";

    private final Engine engine;

    Tables(Engine engine) {
        this.engine = engine;
    }

    /** What waits, by account, state and upstream; what is being sent counts for its account, and has no moment. */
    record Load(String account, State state, String upstream, boolean owned, long due, long messages, long octets) {}

    /** A message that is put, with its content. */
    record Fresh(Stored message, MessageContent content) {}

    /** Where a message goes when its attempt has ended: back, with these values. */
    record Return(State state, String upstream, long due, long notice, int attempts, int doubled, boolean delayed) {}

    // nodes

    void register(String node) {
        engine.transact(
                Step.REGISTER,
                connection -> Sql.update(connection, "INSERT INTO postern_spool_node (id, beat) VALUES (?, 0)", node));
    }

    /** Whether the node still counts as alive. */
    boolean beat(String node) {
        return engine.transact(
                        Step.BEAT,
                        connection -> Sql.update(
                                connection, "UPDATE postern_spool_node SET beat = beat + 1 WHERE id = ?", node))
                == 1;
    }

    /** The beats of all nodes, and -1 for a node that owns messages and is not there. */
    Map<String, Long> beats() {
        return engine.read(connection -> {
            Map<String, Long> beats = new HashMap<>();
            for (String owner : Sql.query(
                    connection,
                    "SELECT DISTINCT owner FROM postern_spool_message WHERE owner <> ''",
                    row -> row.getString(1))) {
                beats.put(owner, -1L);
            }
            Sql.query(
                    connection,
                    "SELECT id, beat FROM postern_spool_node",
                    row -> beats.put(row.getString(1), row.getLong(2)));
            return beats;
        });
    }

    /**
     * Takes over what a dead node owned, unless it shows a sign of life: what it was sending may be sent twice.
     *
     * @return the messages that are possibly doubled from now on
     */
    List<Stored> takeOver(String node, long beat, long now) {
        return engine.transact(Step.TAKE_OVER, connection -> {
            int removed =
                    Sql.update(connection, "DELETE FROM postern_spool_node WHERE id = ? AND beat = ?", node, beat);
            if (removed == 0 && beat >= 0) {
                return List.of();
            }
            List<String> sending = Sql.query(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = ? AND sending = 1",
                    row -> row.getString(1),
                    node);
            Sql.update(
                    connection,
                    "UPDATE postern_spool_message SET doubled = doubled + sending, owner = '', sending = 0, due = ?"
                            + " WHERE owner = ?",
                    now,
                    node);
            return load(connection, sending);
        });
    }

    /** Gives back what a node owns and never began, but for some. */
    int releaseUnknown(String node, Set<String> butFor) {
        return engine.transact(Step.RELEASE, connection -> {
            List<String> owned = Sql.query(
                    connection, "SELECT id FROM postern_spool_message WHERE owner = ?", row -> row.getString(1), node);
            owned.removeAll(butFor);
            for (String id : owned) {
                Sql.update(
                        connection,
                        "UPDATE postern_spool_message SET owner = '', sending = 0 WHERE id = ? AND owner = ?",
                        id,
                        node);
            }
            return owned.size();
        });
    }

    void leave(String node) {
        engine.transact(
                Step.RELEASE,
                connection -> Sql.update(connection, "DELETE FROM postern_spool_node WHERE id = ?", node));
    }

    // messages

    void put(Fresh fresh, String owner) {
        engine.transact(Step.PUT, connection -> {
            insert(connection, fresh, owner);
            return 0;
        });
    }

    /** Removes a message that nobody was told of, unless another node tries it already. */
    void forget(String id, String node) {
        engine.transact(Step.FORGET, connection -> {
            if (Sql.update(
                            connection,
                            "DELETE FROM postern_spool_message WHERE id = ? AND (owner = '' OR owner = ?)",
                            id,
                            node)
                    == 1) {
                deleteParts(connection, id);
            }
            return 0;
        });
    }

    private static void insert(Connection connection, Fresh fresh, String owner) throws SQLException, IOException {
        Stored message = fresh.message();
        Sql.update(
                connection,
                "INSERT INTO postern_spool_message (id, account, state, owner, sending, received, due, notice,"
                        + " attempts, doubled, delayed, upstream, size, envelope) VALUES ("
                        + Sql.marks(14) + ")",
                message.id(),
                message.account(),
                code(message.state()),
                owner,
                owner.equals(NOBODY) ? 0 : 1,
                message.receivedMillis(),
                message.dueMillis(),
                message.notice(),
                0,
                0,
                0,
                "",
                message.size(),
                message.frozen().octets());
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO postern_spool_recipient (message, position, address, domain, parameters, status, reply)"
                        + " VALUES (?, ?, ?, ?, ?, 0, '')")) {
            for (int i = 0; i < message.recipients().size(); i++) {
                Recipient recipient = message.recipients().get(i).recipient();
                insert.setString(1, message.id());
                insert.setInt(2, i);
                insert.setString(3, recipient.address().toString());
                insert.setString(4, MailAddress.foldDomain(recipient.address().domain()));
                insert.setString(5, recipient.parameters().toString());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        insertContent(connection, message.id(), fresh.content());
    }

    private static void insertContent(Connection connection, String id, MessageContent content)
            throws SQLException, IOException {
        long left = content.size();
        try (InputStream in = content.open();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO postern_spool_content (message, piece, octets) VALUES (?, ?, ?)")) {
            for (int piece = 0; left > 0; piece++) {
                byte[] octets = in.readNBytes((int) Math.min(PIECE, left));
                if (octets.length == 0) {
                    throw new EOFException("the content ends " + left + " octets too early");
                }
                insert.setString(1, id);
                insert.setInt(2, piece);
                insert.setBytes(3, octets);
                insert.executeUpdate();
                left -= octets.length;
            }
        }
    }

    /** One of its pieces; empty behind the last. */
    byte[] piece(String id, int piece) {
        return engine.read(connection -> {
            List<byte[]> found = Sql.query(
                    connection,
                    "SELECT octets FROM postern_spool_content WHERE message = ? AND piece = ?",
                    row -> row.getBytes(1),
                    id,
                    piece);
            return found.isEmpty() ? new byte[0] : found.get(0);
        });
    }

    /**
     * Begins attempts for accounts in turn.
     *
     * @param share how many of each, at most
     * @param most how many of all, at most
     * @return the messages, owned by the node and being sent
     */
    List<Stored> claim(String node, List<String> accounts, int share, int most, long now) {
        return engine.transact(Step.CLAIM, connection -> {
            List<String> ids = new ArrayList<>();
            for (String account : accounts) {
                ids.addAll(Sql.query(
                        connection,
                        "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 0 AND upstream = ''"
                                + " AND account = ? AND due <= ? ORDER BY due LIMIT ?" + engine.forUpdateSkipLocked(),
                        row -> row.getString(1),
                        account,
                        now,
                        Math.min(share, most - ids.size())));
            }
            own(connection, node, ids, 1);
            return load(connection, ids);
        });
    }

    /** Begins an attempt of one that waits for an upstream. */
    List<Stored> claimProbe(String node, String upstream) {
        return engine.transact(Step.CLAIM, connection -> {
            List<String> ids = Sql.query(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 1 AND upstream = ?"
                            + " ORDER BY account, due LIMIT 1" + engine.forUpdateSkipLocked(),
                    row -> row.getString(1),
                    upstream);
            own(connection, node, ids, 1);
            return load(connection, ids);
        });
    }

    /** Takes messages whose sender is to hear of them, without an attempt. */
    List<Stored> claimNotices(String node, long now, int most) {
        List<String> due = engine.read(connection -> Sql.query(
                connection,
                "SELECT id FROM postern_spool_message WHERE notice <= ? AND owner = '' AND state <> 2 ORDER BY notice"
                        + " LIMIT ?",
                row -> row.getString(1),
                now,
                most));
        return due.isEmpty() ? List.of() : claim(node, due);
    }

    /** Takes messages that nobody tries, without an attempt. */
    List<Stored> claim(String node, List<String> wanted) {
        return engine.transact(Step.CLAIM, connection -> {
            List<Object> parameters = new ArrayList<>(wanted);
            List<String> ids = Sql.query(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND id IN (" + Sql.marks(wanted.size()) + ")"
                            + engine.forUpdateSkipLocked(),
                    row -> row.getString(1),
                    parameters.toArray());
            own(connection, node, ids, 0);
            return load(connection, ids);
        });
    }

    private static void own(Connection connection, String node, List<String> ids, int sending) throws SQLException {
        if (!ids.isEmpty()) {
            List<Object> parameters = new ArrayList<>(List.of(node, sending));
            parameters.addAll(ids);
            Sql.update(
                    connection,
                    "UPDATE postern_spool_message SET owner = ?, sending = ? WHERE id IN (" + Sql.marks(ids.size())
                            + ")",
                    parameters.toArray());
        }
    }

    /** Makes it durable that some recipients have it; false when the node does not own the message any more. */
    boolean progress(String id, String node, Map<Integer, Progress> changes, List<Fresh> notices) {
        return engine.transact(Step.PROGRESS, connection -> {
            if (!owns(connection, id, node)) {
                return false;
            }
            if (update(connection, id, changes) > 0) { // else done before, by a call whose end was lost
                for (Fresh notice : notices) {
                    insert(connection, notice, NOBODY);
                }
            }
            return true;
        });
    }

    /**
     * Ends an attempt: with its notices in the same transaction, so that each is sent once.
     *
     * @param back where the message goes; null when nobody waits for it any more
     * @return false when the node does not own the message any more; then nothing was done
     */
    boolean settle(
            Step step,
            String id,
            String node,
            Map<Integer, Progress> changes,
            @Nullable Return back,
            List<Fresh> notices) {
        return engine.transact(step, connection -> {
            if (!owns(connection, id, node)) {
                return false;
            }
            if (back == null) {
                Sql.update(connection, "DELETE FROM postern_spool_message WHERE id = ?", id);
                deleteParts(connection, id);
            } else {
                update(connection, id, changes);
                giveBack(connection, id, back);
            }
            for (Fresh notice : notices) {
                insert(connection, notice, NOBODY);
            }
            return true;
        });
    }

    /** Asks and locks. */
    private static boolean owns(Connection connection, String id, String node) throws SQLException {
        return Sql.update(
                        connection,
                        "UPDATE postern_spool_message SET owner = owner WHERE id = ? AND owner = ?",
                        id,
                        node)
                == 1;
    }

    private static int update(Connection connection, String id, Map<Integer, Progress> changes) throws SQLException {
        int updated = 0;
        for (Map.Entry<Integer, Progress> change : changes.entrySet()) {
            updated += Sql.update(
                    connection,
                    "UPDATE postern_spool_recipient SET status = ?, reply = ? WHERE message = ? AND position = ?"
                            + " AND status = 0",
                    code(change.getValue().status()),
                    Reply.printable(change.getValue().reply(), MAX_REPLY),
                    id,
                    change.getKey());
        }
        return updated;
    }

    private static void giveBack(Connection connection, String id, Return back) throws SQLException {
        Sql.update(
                connection,
                "UPDATE postern_spool_message SET owner = '', sending = 0, state = ?, upstream = ?, due = ?,"
                        + " notice = ?, attempts = ?, doubled = ?, delayed = ? WHERE id = ?",
                code(back.state()),
                back.upstream(),
                back.due(),
                back.notice(),
                back.attempts(),
                back.doubled(),
                back.delayed() ? 1 : 0,
                id);
    }

    private static void deleteParts(Connection connection, String id) throws SQLException {
        Sql.update(connection, "DELETE FROM postern_spool_recipient WHERE message = ?", id);
        Sql.update(connection, "DELETE FROM postern_spool_content WHERE message = ?", id);
    }

    /** Lets some of those that waited for an upstream go on; how many. */
    int unpark(String upstream, int most) {
        return engine.transact(Step.RELEASE, connection -> {
            List<String> ids = Sql.query(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 1 AND upstream = ? LIMIT ?"
                            + engine.forUpdateSkipLocked(),
                    row -> row.getString(1),
                    upstream,
                    most);
            if (!ids.isEmpty()) {
                List<Object> parameters = new ArrayList<>(ids);
                Sql.update(
                        connection,
                        "UPDATE postern_spool_message SET state = 0, upstream = '' WHERE id IN ("
                                + Sql.marks(ids.size()) + ")",
                        parameters.toArray());
            }
            return ids.size();
        });
    }

    // looking

    List<Load> loads() {
        return engine.read(connection -> Sql.query(
                connection,
                "SELECT account, state, upstream, owner, MIN(due), COUNT(*), SUM(size) FROM postern_spool_message"
                        + " GROUP BY owner, state, upstream, account",
                row -> new Load(
                        row.getString(1),
                        state(row.getInt(2)),
                        row.getString(3),
                        !row.getString(4).isEmpty(),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7))));
    }

    List<Stored> list(SpoolFilter filter, int most) {
        List<Object> parameters = new ArrayList<>();
        StringBuilder where = new StringBuilder(" WHERE 1 = 1");
        filter.account().ifPresent(account -> {
            where.append(" AND account = ?");
            parameters.add(account);
        });
        filter.state().ifPresent(state -> {
            where.append(" AND state = ?");
            parameters.add(code(state));
        });
        filter.domain().ifPresent(domain -> {
            where.append(" AND id IN (SELECT message FROM postern_spool_recipient WHERE domain = ?)");
            parameters.add(domain);
        });
        filter.id().ifPresent(id -> {
            where.append(" AND id = ?");
            parameters.add(id);
        });
        parameters.add(most);
        return engine.read(connection -> {
            List<String> ids;
            List<Stored> found;
            do { // what was settled between the two statements is not there, which must not look like an empty spool
                ids = Sql.query(
                        connection,
                        "SELECT id FROM postern_spool_message" + where + " ORDER BY received, id LIMIT ?",
                        row -> row.getString(1),
                        parameters.toArray());
                found = load(connection, ids);
            } while (found.isEmpty() && !ids.isEmpty());
            return found;
        });
    }

    /** Changes what a message waits for, unless it is being sent; whether it did. */
    boolean change(String id, State state, long due) {
        return engine.transact(
                        Step.CONTROL,
                        connection -> Sql.update(
                                connection,
                                "UPDATE postern_spool_message SET state = ?, upstream = '', due = ? WHERE id = ?"
                                        + " AND owner = ''",
                                code(state),
                                due,
                                id))
                == 1;
    }

    /** Removes a message without a word, unless it is being sent; whether it did. */
    boolean remove(String id) {
        return engine.transact(Step.CONTROL, connection -> {
            if (Sql.update(connection, "DELETE FROM postern_spool_message WHERE id = ? AND owner = ''", id) == 0) {
                return false;
            }
            deleteParts(connection, id);
            return true;
        });
    }

    private static List<Stored> load(Connection connection, Collection<String> ids) throws SQLException {
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
                row -> recipients
                        .computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(new Progress(
                                new Recipient(MailAddress.parse(row.getString(2)), Frozen.parameters(row.getString(3))),
                                status(row.getInt(4)),
                                row.getString(5))),
                parameters);
        Map<String, Stored> found = new HashMap<>();
        Sql.query(
                connection,
                MESSAGE + " WHERE id IN " + in,
                row -> found.put(row.getString(1), stored(row, recipients.getOrDefault(row.getString(1), List.of()))),
                parameters);
        return new ArrayList<>(Arrays.stream(parameters)
                .map(found::get)
                .filter(Objects::nonNull)
                .toList());
    }

    private static int code(State state) {
        return switch (state) {
            case READY -> 0;
            case UNREACHABLE -> 1;
            case HELD -> 2;
        };
    }

    private static State state(int code) {
        return switch (code) {
            case 0 -> State.READY;
            case 1 -> State.UNREACHABLE;
            case 2 -> State.HELD;
            default -> throw new SpoolException("the database has a message in a state that is not known: " + code);
        };
    }

    private static int code(Status status) {
        return switch (status) {
            case WAITING -> 0;
            case RELAYED -> 1;
            case FAILED -> 2;
        };
    }

    private static Status status(int code) {
        return switch (code) {
            case 0 -> Status.WAITING;
            case 1 -> Status.RELAYED;
            case 2 -> Status.FAILED;
            default -> throw new SpoolException("the database has a recipient in a state that is not known: " + code);
        };
    }

    private static Stored stored(ResultSet row, List<Progress> recipients) throws SQLException {
        return new Stored(
                row.getString(1),
                row.getString(2),
                state(row.getInt(3)),
                row.getInt(4) == 1,
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getInt(8),
                row.getInt(9),
                row.getInt(10) == 1,
                row.getString(13),
                row.getLong(11),
                Frozen.read(row.getBytes(12)),
                recipients);
    }
}
