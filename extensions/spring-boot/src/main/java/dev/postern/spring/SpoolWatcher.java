package dev.postern.spring;

import dev.postern.spool.Spool;

/** Is told of each spool that is opened. */
@FunctionalInterface
interface SpoolWatcher {

    void started(Spool spool);
}
