package dev.postern.jdbc;

import dev.postern.stores.NodeMain;

/** A node in a process of its own. */
final class JdbcNode {

    private JdbcNode() {}

    public static void main(String[] arguments) throws Exception {
        NodeMain.serve(new JdbcServer(arguments[0]).node(NodeMain.settings()), arguments);
    }
}
