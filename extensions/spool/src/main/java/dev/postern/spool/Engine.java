package dev.postern.spool;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Where the rows are. The statements are the same for all; an engine knows how to get a connection, what makes a commit
 * durable, and whether other processes see the same rows. Safe for use by several threads.
 */
interface Engine extends AutoCloseable {

    /** What is made durable; tests break the spool before and after each. */
    enum Step {
        /** A node makes itself known. */
        REGISTER,
        /** A node shows that it is alive. */
        BEAT,
        /** What a dead node owned returns. */
        TAKE_OVER,
        /** What a dead node was sending goes on, after it was told that it may arrive twice. */
        TOLD,
        /** A message is accepted. */
        PUT,
        /** A message that was perhaps put, and not answered by 250, is removed. */
        FORGET,
        /** Attempts begin. */
        CLAIM,
        /** Some recipients are settled while the attempt goes on. */
        PROGRESS,
        /** An attempt ends. */
        SETTLE,
        /** A sender hears of a delay, or of the end. */
        NOTICE,
        /** Messages are given back without an attempt. */
        RELEASE,
        /** What an operator wants. */
        CONTROL
    }

    /** Something done on a connection. It may be called again when the database says that another was first. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException, IOException;
    }

    /** The same in one statement, which is a transaction of its own: nobody has to begin and end one. */
    @FunctionalInterface
    interface OneStatement<T> extends Work<T> {}

    /** Does all of it durably, or nothing; after an exception of the commit itself, one of the two. */
    <T> T transact(Step step, Work<T> work);

    /** Reads what is committed. */
    <T> T read(Work<T> work);

    /** Does one statement durably; returns how many rows it changed. */
    default int update(Step step, String sql, Object... parameters) {
        return transact(step, connection -> Sql.update(connection, sql, parameters));
    }

    /** Reads by one statement. */
    default <T> List<T> query(String sql, Sql.Row<T> row, Object... parameters) {
        return read(connection -> Sql.query(connection, sql, row, parameters));
    }

    /** Whether no other process can have the same rows open. */
    boolean alone();

    /** What follows a SELECT whose rows are changed next, so that nodes do not wait for each other. */
    String forUpdateSkipLocked();

    /** Whether one statement can change several tables, as PostgreSQL's WITH does: a round trip in place of four or five. */
    boolean combines();

    /** How many octets more there is a place for; {@code MAX_VALUE} where the database looks after that. */
    default long room() {
        return Long.MAX_VALUE;
    }

    @Override
    void close();
}
