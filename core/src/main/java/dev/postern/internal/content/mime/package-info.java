/** Walks the MIME structure and judges attachments. Only the packages of this stage see it. */
@NullMarked
package dev.postern.internal.content.mime;

import org.jspecify.annotations.NullMarked;
