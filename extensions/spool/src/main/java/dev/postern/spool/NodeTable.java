package dev.postern.spool;

import dev.postern.spool.Engine.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The rows of nodes, and what nodes own; each method is one transaction or one reading. Safe for use by several threads. */
record NodeTable(Engine engine) {

    void register(String node) {
        engine.update(Step.REGISTER, "INSERT INTO postern_spool_node (id, beat) VALUES (?, 0)", node);
    }

    /** Whether the node still counts as alive. */
    boolean beat(String node) {
        return engine.update(Step.BEAT, "UPDATE postern_spool_node SET beat = beat + 1 WHERE id = ?", node) == 1;
    }

    /** Whether the node is there; whoever takes over what it owns removes it in the same transaction. */
    boolean isKnown(String node) {
        return !engine.query("SELECT 1 FROM postern_spool_node WHERE id = ?", row -> row.getInt(1), node)
                .isEmpty();
    }

    /** The beats of all nodes, and -1 for a node that owns messages and is not there. */
    Map<String, Long> beats() {
        return engine.read(connection -> {
            Map<String, Long> beats = new HashMap<>();
            for (String owner :
                    Sql.ids(connection, "SELECT DISTINCT owner FROM postern_spool_message WHERE owner <> ''")) {
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
     * Takes over what a dead node owned, unless it shows a sign of life. What it was sending may be sent twice: it is the
     * new node's, with {@code sending} 2, until that was told; so a node that dies before leaves the telling to the next.
     */
    void takeOver(String dead, long beat, String node, long now) {
        engine.transact(Step.TAKE_OVER, connection -> {
            int removed =
                    Sql.update(connection, "DELETE FROM postern_spool_node WHERE id = ? AND beat = ?", dead, beat);
            if (removed == 0 && beat >= 0) {
                return 0;
            }
            // MySQL goes from left to right, and what is on the right sees what was set: sending comes last
            return Sql.update(
                    connection,
                    "UPDATE postern_spool_message SET doubled = doubled + CASE sending WHEN 1 THEN 1 ELSE 0 END,"
                            + " owner = CASE sending WHEN 0 THEN '' ELSE ? END,"
                            + " sending = CASE sending WHEN 0 THEN 0 ELSE 2 END, due = ? WHERE owner = ?",
                    node,
                    now,
                    dead);
        });
    }

    /** What this node has taken over, and is to tell of. */
    List<Stored> untold(String node) {
        return engine.read(connection -> Rows.load(
                connection,
                Sql.ids(connection, "SELECT id FROM postern_spool_message WHERE owner = ? AND sending = 2", node),
                new HashSet<>()));
    }

    /** Lets it go on. */
    void told(String node) {
        engine.update(
                Step.TOLD,
                "UPDATE postern_spool_message SET owner = '', sending = 0 WHERE owner = ? AND sending = 2",
                node);
    }

    /**
     * Gives back what a node owns and never began.
     *
     * @param begun what it has begun, from before it owns that; asked behind the rows, to which messages come all the time
     */
    int releaseUnknown(String node, Supplier<Set<String>> begun) {
        return engine.transact(Step.RELEASE, connection -> {
            List<String> owned =
                    Sql.ids(connection, "SELECT id FROM postern_spool_message WHERE owner = ? AND sending <> 2", node);
            owned.removeAll(begun.get());
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
        engine.update(Step.RELEASE, "DELETE FROM postern_spool_node WHERE id = ?", node);
    }
}
