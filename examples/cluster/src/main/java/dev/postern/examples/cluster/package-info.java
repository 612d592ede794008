/** Two relays, one database, one load balancer. */
@NullMarked
package dev.postern.examples.cluster;

import org.jspecify.annotations.NullMarked;
