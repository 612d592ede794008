package dev.postern.spool;

/**
 * An account's waiting messages. Immutable.
 *
 * @param account the account, in canonical form
 * @param messages how many unsettled messages it has, 1 or more
 * @param octets the total size of their contents, in octets
 */
public record SpooledAccount(String account, long messages, long octets) {}
