/**
 * The common parts of stores that several relays share: quota and sessions over {@link dev.postern.stores.Ledgers},
 * which each engine implements.
 */
@NullMarked
package dev.postern.stores;

import org.jspecify.annotations.NullMarked;
