/** Tests of an application with its relay. */
@NullMarked
package dev.postern.spring.test;

import org.jspecify.annotations.NullMarked;
