package dev.postern.stores;

/** An engine's real server, as tests see it that know no engine. */
public interface StoreServer extends AutoCloseable {

    /** What a process needs to know to start a node here. */
    String address();

    /** Starts a node. */
    SharedStores node(StoreSettings settings);

    /** Makes a node one that died, as far as others can see. */
    void stopHeart(SharedStores node);

    /** The server behind another port: that of a proxy. */
    StoreServer behind(int port);

    /** To kill, suspend and start it. */
    ServerProcess process();

    @Override
    void close();
}
