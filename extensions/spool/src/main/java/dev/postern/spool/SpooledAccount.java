package dev.postern.spool;

/**
 * What waits of an account. Immutable.
 *
 * @param account the account in its canonical form
 * @param messages how many of its messages are not settled, 1 or more
 * @param octets the octets of their contents
 */
public record SpooledAccount(String account, long messages, long octets) {}
