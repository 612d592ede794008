/** SubEthaSMTP, which accepts connections for us, and all that keeps it from doing more than that. */
@NullMarked
package dev.postern.internal.connection.subetha;

import org.jspecify.annotations.NullMarked;
