/** What every engine's module proves of its stores: the abstract test classes are completed there, by a real server. */
@NullMarked
package dev.postern.stores;

import org.jspecify.annotations.NullMarked;
