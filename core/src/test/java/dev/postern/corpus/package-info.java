/** Messages as mailers make them, and as attackers do, on their way through the relay. */
package dev.postern.corpus;
