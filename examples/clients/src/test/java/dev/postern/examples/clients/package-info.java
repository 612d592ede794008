/** What each client shows and does on each row of the contract, and the page that tells it. */
@NullMarked
package dev.postern.examples.clients;

import org.jspecify.annotations.NullMarked;
