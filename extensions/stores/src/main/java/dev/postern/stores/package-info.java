/**
 * What the stores that several relays share have in common: quota and sessions over {@link dev.postern.stores.Ledgers},
 * which each engine keeps in its own way.
 */
@NullMarked
package dev.postern.stores;

import org.jspecify.annotations.NullMarked;
