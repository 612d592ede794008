/**
 * How the JVM's mail libraries send through the relay, a class each: STARTTLS, AUTH, and how to read the relay's refusal
 * from what the library throws. Needs nothing of Postern: copy the class of your library, {@link
 * dev.postern.examples.clients.Refusal} and {@link dev.postern.examples.clients.Mail}.
 */
@NullMarked
package dev.postern.examples.clients;

import org.jspecify.annotations.NullMarked;
