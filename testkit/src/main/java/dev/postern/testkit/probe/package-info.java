/** A raw SMTP client, which sends exactly what it is told, and the replies that it reads. */
@NullMarked
package dev.postern.testkit.probe;

import org.jspecify.annotations.NullMarked;
