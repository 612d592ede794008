/** A relay in a Spring Boot application: by {@code postern.*} properties, and beans of the interfaces that a host implements. */
@NullMarked
package dev.postern.spring;

import org.jspecify.annotations.NullMarked;
