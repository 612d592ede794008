package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Octets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.mime.MimeType;
import org.apache.tika.mime.MimeTypeException;
import org.apache.tika.mime.MimeTypes;

/**
 * Apache Tika's registry of types, extensions and signatures; its parsers are not used. Read once in a
 * process. Safe for use by several threads.
 */
final class SignatureRegistry {

    /** Read when the first attachment asks: it takes a quarter of a second and some megabytes. */
    private static final class Loaded {
        private static final SignatureRegistry REGISTRY = new SignatureRegistry();
    }

    /** A type with all above it, but for plain text and octets, which are above everything. */
    record FileType(String name, Set<String> family, boolean text, List<MimeType> signatures) {

        /** Documents whose container is a ZIP or OLE2. */
        private static final List<String> DOCUMENTS = List.of(
                "application/x-tika-ooxml",
                "application/x-tika-msoffice",
                "application/vnd.oasis.opendocument.",
                "application/vnd.sun.xml.",
                "application/epub+zip",
                "application/vnd.apple.");

        /** Containers of sounds and films whose type does not say so. */
        private static final Set<String> MEDIA =
                Set.of("application/ogg", "application/x-matroska", "application/vnd.rn-realmedia");

        /** A picture of pixels; one of markup, such as SVG, is a program's text. */
        boolean isPicture() {
            return name.startsWith("image/") && !name.equals("image/svg+xml");
        }

        /** A sound or a film; players go by the content of one. */
        boolean isMedia() {
            return !text && (name.startsWith("audio/") || name.startsWith("video/") || MEDIA.contains(name));
        }

        boolean isDocument() {
            return family.stream().anyMatch(type -> DOCUMENTS.stream().anyMatch(type::startsWith));
        }

        boolean isIwork() {
            return family.stream().anyMatch(type -> type.startsWith("application/vnd.apple."));
        }

        boolean unknown() {
            return family.isEmpty() && !text;
        }

        boolean signed() {
            return !signatures.isEmpty();
        }

        boolean hasSignature(byte[] sample) {
            return signatures.stream().anyMatch(type -> type.matchesMagic(sample));
        }
    }

    /** Of BigTIFF in Intel's order of octets; Tika knows the other order. */
    private static final byte[] BIG_TIFF = {'I', 'I', '+', 0};

    private final MimeTypes types = MimeTypes.getDefaultMimeTypes();
    private final MediaTypeRegistry hierarchy = types.getMediaTypeRegistry();
    private final Map<String, FileType> byExtension = new ConcurrentHashMap<>();

    private SignatureRegistry() {}

    static SignatureRegistry get() {
        return Loaded.REGISTRY;
    }

    /** The type that an extension stands for. */
    FileType ofExtension(String extension) {
        FileType known = byExtension.get(extension);
        if (known != null) {
            return known;
        }
        Metadata metadata = new Metadata();
        metadata.set(TikaCoreProperties.RESOURCE_NAME_KEY, "file." + extension);
        FileType type = type(detect(new ByteArrayInputStream(new byte[0]), metadata));
        if (!type.unknown()) {
            byExtension.put(extension, type); // as many as the registry knows, whatever names come
        }
        return type;
    }

    /** The type that the beginning of content shows. */
    FileType ofContent(byte[] sample) {
        if (Octets.startsWith(sample, 0, sample.length, BIG_TIFF)) {
            return ofExtension("tiff");
        }
        return type(detect(new ByteArrayInputStream(sample), new Metadata()));
    }

    private MediaType detect(InputStream content, Metadata metadata) {
        try {
            return types.detect(content, metadata);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of an array: cannot be
        }
    }

    private FileType type(MediaType detected) {
        Set<String> family = new LinkedHashSet<>();
        List<MimeType> signatures = new ArrayList<>();
        MediaType each = hierarchy.normalize(detected);
        while (each != null && !each.equals(MediaType.OCTET_STREAM) && !each.equals(MediaType.TEXT_PLAIN)) {
            family.add(each.toString());
            MimeType registered = registered(each);
            if (registered.hasMagic()) {
                signatures.add(registered);
            }
            each = hierarchy.getSupertype(each);
        }
        return new FileType(
                detected.toString(), Set.copyOf(family), MediaType.TEXT_PLAIN.equals(each), List.copyOf(signatures));
    }

    private MimeType registered(MediaType type) {
        try {
            return types.getRegisteredMimeType(type.toString());
        } catch (MimeTypeException e) {
            throw new IllegalStateException("not registered: " + type, e);
        }
    }
}
