/**
 * A relay in a Spring Boot application, configured by {@code postern.*} properties and beans of the host's interfaces.
 */
@NullMarked
package dev.postern.spring;

import org.jspecify.annotations.NullMarked;
