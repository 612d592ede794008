package dev.postern.spool;

import dev.postern.spi.MessageContent;
import dev.postern.spi.Reply;
import dev.postern.spool.Engine.OneStatement;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to the rows; each method is one transaction or one reading. Safe for use by several threads. */
record Tables(Engine engine) {

    private static final Logger LOG = LoggerFactory.getLogger(Tables.class);
    static final int PIECE = 256 << 10;

    /** Nobody tries it. */
    static final String NOBODY = "";

    private static final int MAX_REPLY = 900;
    private static final int MAX_READINGS = 100;
    private static final String NOTICE_IS_DUE =
            " AND notice <= ? AND state <> 2 AND NOT (state = 0 AND due <= ? AND received <= ?)";
    private static final String DELETE_ALL =
            "WITH gone AS (DELETE FROM postern_spool_message WHERE id = ? AND owner = ?"
                    + " RETURNING id), recipient AS (DELETE FROM postern_spool_recipient WHERE message = ? AND EXISTS (SELECT 1"
                    + " FROM gone)), content AS (DELETE FROM postern_spool_content WHERE message = ? AND EXISTS (SELECT 1 FROM"
                    + " gone)) SELECT id FROM gone";

    /** What waits, by account, state and upstream; what is being sent counts for its account, and has no moment. */
    record Load(String account, State state, String upstream, boolean owned, long due, long messages, long octets) {}

    /** A message that is put, with its content. */
    record Fresh(Stored message, MessageContent content) {}

    // messages

    void put(Fresh fresh, String owner) {
        if (engine.combines() && Insertion.fitsOneStatement(fresh)) {
            OneStatement<Integer> combined = connection -> Insertion.insertAtOnce(connection, fresh, owner);
            engine.transact(Step.PUT, combined);
            return;
        }
        engine.transact(Step.PUT, connection -> {
            Insertion.insert(connection, fresh, owner);
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

    /** One of its pieces; empty behind the last. */
    byte[] piece(String id, int piece) {
        List<byte[]> found = engine.query(
                "SELECT octets FROM postern_spool_content WHERE message = ? AND piece = ?",
                row -> row.getBytes(1),
                id,
                piece);
        return found.isEmpty() ? new byte[0] : found.get(0);
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
                ids.addAll(Sql.ids(
                        connection,
                        "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 0 AND upstream = ''"
                                + " AND account = ? AND due <= ? ORDER BY due LIMIT ?" + engine.forUpdateSkipLocked(),
                        account,
                        now,
                        Math.min(share, most - ids.size())));
            }
            return begin(connection, node, ids, 1);
        });
    }

    /** Begins an attempt of one that waits for an upstream, and is of none of some accounts. */
    List<Stored> claimProbe(String node, String upstream, List<String> butOf) {
        List<Object> parameters = new ArrayList<>(List.of(upstream));
        parameters.addAll(butOf);
        String others = butOf.isEmpty() ? "" : " AND account NOT IN (" + Sql.marks(butOf.size()) + ")";
        return engine.transact(Step.CLAIM, connection -> {
            List<String> ids = Sql.ids(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 1 AND upstream = ?" + others
                            + " ORDER BY account, due LIMIT 1" + engine.forUpdateSkipLocked(),
                    parameters.toArray());
            return begin(connection, node, ids, 1);
        });
    }

    /**
     * Takes messages whose sender is to hear of them, without an attempt. What has its turn now is tried first, even when
     * its time is over: an operator has just released it, or its upstream is back.
     *
     * @param expired what was received before is given up
     */
    List<Stored> claimNotices(String node, long now, long expired, int most) {
        List<String> due = engine.read(connection -> Rows.atOnce(
                connection,
                Sql.ids(
                        connection,
                        "SELECT id FROM postern_spool_message WHERE owner = ''" + NOTICE_IS_DUE
                                + " ORDER BY notice LIMIT ?",
                        now,
                        now,
                        expired,
                        most)));
        // an operator or another node may have been first meanwhile
        return due.isEmpty() ? List.of() : claim(node, due, NOTICE_IS_DUE, now, now, expired);
    }

    /** Takes a message that nobody tries, without an attempt. */
    List<Stored> claim(String node, String wanted) {
        return claim(node, List.of(wanted), "");
    }

    private List<Stored> claim(String node, List<String> wanted, String condition, Object... itsParameters) {
        return engine.transact(Step.CLAIM, connection -> {
            List<Object> parameters = new ArrayList<>(wanted);
            parameters.addAll(List.of(itsParameters));
            List<String> ids = Sql.ids(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND id IN (" + Sql.marks(wanted.size()) + ")"
                            + condition + engine.forUpdateSkipLocked(),
                    parameters.toArray());
            return begin(connection, node, ids, 0);
        });
    }

    /** Has them be owned and returns them; holds those that cannot be read, for each claim would fail by them. */
    private static List<Stored> begin(Connection connection, String node, List<String> ids, int sending)
            throws SQLException {
        own(connection, node, ids, sending);
        Set<String> damaged = new HashSet<>();
        List<Stored> begun = Rows.load(connection, ids, damaged);
        if (!damaged.isEmpty()) {
            LOG.error("Held until somebody releases or removes them: {}", damaged);
            Sql.update(
                    connection,
                    "UPDATE postern_spool_message SET owner = '', sending = 0, state = 2, upstream = '' WHERE id IN ("
                            + Sql.marks(damaged.size()) + ")",
                    damaged.toArray());
        }
        return begun;
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
                    Insertion.insert(connection, notice, NOBODY);
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
            @Nullable Course back,
            List<Fresh> notices) {
        if (engine.combines() && back == null && notices.isEmpty()) {
            OneStatement<Boolean> combined = connection ->
                    Sql.ids(connection, DELETE_ALL, id, node, id, id).size() == 1;
            return engine.transact(step, combined);
        }
        return engine.transact(step, connection -> {
            boolean owned = back == null ? delete(connection, id, node) : giveBack(connection, id, node, back);
            if (!owned) {
                return false;
            }
            if (back == null) {
                deleteParts(connection, id);
            } else {
                update(connection, id, changes);
            }
            for (Fresh notice : notices) {
                Insertion.insert(connection, notice, NOBODY);
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
                    Rows.code(change.getValue().status()),
                    Reply.printable(change.getValue().reply(), MAX_REPLY),
                    id,
                    change.getKey());
        }
        return updated;
    }

    private static boolean delete(Connection connection, String id, String node) throws SQLException {
        return Sql.update(connection, "DELETE FROM postern_spool_message WHERE id = ? AND owner = ?", id, node) == 1;
    }

    private static boolean giveBack(Connection connection, String id, String node, Course back) throws SQLException {
        return Sql.update(
                        connection,
                        "UPDATE postern_spool_message SET owner = '', sending = 0, state = ?, upstream = ?, due = ?,"
                                + " notice = ?, attempts = ?, doubled = ?, delay_told = ? WHERE id = ? AND owner = ?",
                        Rows.code(back.state()),
                        back.upstream(),
                        back.dueMillis(),
                        back.noticeMillis(),
                        back.attempts(),
                        back.doubled(),
                        back.delayed() ? 1 : 0,
                        id,
                        node)
                == 1;
    }

    private static void deleteParts(Connection connection, String id) throws SQLException {
        Sql.update(connection, "DELETE FROM postern_spool_recipient WHERE message = ?", id);
        Sql.update(connection, "DELETE FROM postern_spool_content WHERE message = ?", id);
    }

    /** Lets some of those that waited for an upstream go on; how many. */
    int unpark(String upstream, int most) {
        return engine.transact(Step.RELEASE, connection -> {
            List<String> ids = Sql.ids(
                    connection,
                    "SELECT id FROM postern_spool_message WHERE owner = '' AND state = 1 AND upstream = ? LIMIT ?"
                            + engine.forUpdateSkipLocked(),
                    upstream,
                    most);
            if (!ids.isEmpty()) {
                Sql.update(
                        connection,
                        "UPDATE postern_spool_message SET state = 0, upstream = '' WHERE id IN ("
                                + Sql.marks(ids.size()) + ")",
                        ids.toArray());
            }
            return ids.size();
        });
    }

    // looking

    List<Load> loads() {
        return engine.query(
                "SELECT account, state, upstream, owner, MIN(due), COUNT(*), SUM(size) FROM postern_spool_message"
                        + " GROUP BY owner, state, upstream, account",
                row -> new Load(
                        row.getString(1),
                        Rows.state(row.getInt(2)),
                        row.getString(3),
                        !row.getString(4).isEmpty(),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7)));
    }

    /** When the message that has waited longest came, in milliseconds; 0 when there is none. */
    long oldest() {
        return engine
                .query(
                        "SELECT received FROM postern_spool_message ORDER BY id LIMIT 1", // ids grow with time
                        row -> row.getLong(1))
                .stream()
                .findFirst()
                .orElse(0L);
    }

    List<Stored> list(SpoolFilter filter, int most) {
        Where where = Where.of(filter);
        return engine.read(connection -> {
            for (int reading = 0; reading < MAX_READINGS; reading++) {
                List<String> ids = Sql.ids(
                        connection,
                        "SELECT id FROM postern_spool_message" + where.sql() + " ORDER BY received, id LIMIT ?",
                        where.and(most));
                Set<String> damaged = new HashSet<>();
                List<Stored> found = Rows.load(connection, Rows.atOnce(connection, ids), damaged);
                if (!found.isEmpty() || ids.isEmpty() || !damaged.isEmpty()) {
                    return found;
                } // what was settled between the two statements is not there, which must not look like an empty spool
            }
            throw new SpoolException("messages leave faster than they can be listed: ask again");
        });
    }

    /** How many there are, as far as counting goes. */
    int count(SpoolFilter filter, int most) {
        Where where = Where.of(filter);
        return engine.query(
                        "SELECT COUNT(*) FROM (SELECT id FROM postern_spool_message" + where.sql()
                                + " LIMIT ?) AS counted",
                        row -> row.getInt(1),
                        where.and(most))
                .get(0);
    }

    /** Changes what a message waits for, unless it is being sent; whether it did. */
    boolean change(String id, State state, long due) {
        return engine.update(
                        Step.CONTROL,
                        "UPDATE postern_spool_message SET state = ?, upstream = '', due = ? WHERE id = ? AND owner = ''",
                        Rows.code(state),
                        due,
                        id)
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
}
