package dev.postern.spool;

import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spool.Tables.Fresh;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How a message gets into the tables: within a transaction that has more to do, or by one statement of its own. */
final class Insertion {

    private static final int MAX_COMBINED = 20; // recipients: each number of them is another statement

    private static final String INSERT_MESSAGE =
            "INSERT INTO postern_spool_message (id, account, state, owner, sending,"
                    + " received, due, notice, attempts, doubled, delay_told, upstream, size, envelope) VALUES ("
                    + Sql.marks(14) + ")";
    private static final String INSERT_RECIPIENT =
            "INSERT INTO postern_spool_recipient (message, position, address, domain, parameters, status, reply) VALUES ";

    private Insertion() {}

    static boolean fitsOneStatement(Fresh fresh) {
        return fresh.message().recipients().size() <= MAX_COMBINED
                && fresh.content() instanceof Octets octets
                && octets.size() <= Tables.PIECE;
    }

    /** A message, its recipients and its only piece of content. */
    static int insertAtOnce(Connection connection, Fresh fresh, String owner) throws SQLException {
        Stored message = fresh.message();
        Octets content = (Octets) fresh.content();
        List<Object> parameters = columns(message, owner);
        for (int i = 0; i < message.recipients().size(); i++) {
            Recipient recipient = message.recipients().get(i).recipient();
            parameters.addAll(List.of(
                    message.id(),
                    i,
                    recipient.address().toString(),
                    MailAddress.foldDomain(recipient.address().domain()),
                    recipient.parameters().toString()));
        }
        parameters.add(message.id());
        parameters.add(content.octets());
        String rows = String.join(", ", Collections.nCopies(message.recipients().size(), "(?, ?, ?, ?, ?, 0, '')"));
        return Sql.update(
                connection,
                "WITH message AS (" + INSERT_MESSAGE + "), recipient AS (" + INSERT_RECIPIENT + rows
                        + ") INSERT INTO postern_spool_content (message, piece, octets) SELECT ?, 0, ?"
                        + (content.size() == 0 ? " WHERE FALSE" : ""),
                parameters.toArray());
    }

    private static List<Object> columns(Stored message, String owner) {
        return new ArrayList<>(List.of(
                message.id(),
                message.account(),
                Rows.code(message.state()),
                owner,
                owner.equals(Tables.NOBODY) ? 0 : 1,
                message.receivedMillis(),
                message.course().dueMillis(),
                message.course().noticeMillis(),
                0,
                0,
                0,
                "",
                message.size(),
                message.frozen().octets()));
    }

    static void insert(Connection connection, Fresh fresh, String owner) throws SQLException, IOException {
        Stored message = fresh.message();
        Sql.update(connection, INSERT_MESSAGE, columns(message, owner).toArray());
        try (PreparedStatement insert = connection.prepareStatement(INSERT_RECIPIENT + "(?, ?, ?, ?, ?, 0, '')")) {
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
                byte[] octets = in.readNBytes((int) Math.min(Tables.PIECE, left));
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
}
