/** Mail servers with low limits behind the relay, and as its clients; and the page that tells how it went. */
@NullMarked
package dev.postern.examples.servers;

import org.jspecify.annotations.NullMarked;
