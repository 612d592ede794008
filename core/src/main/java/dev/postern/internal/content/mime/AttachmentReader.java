package dev.postern.internal.content.mime;

import dev.postern.internal.content.mime.PartHeader.Decoding;
import dev.postern.internal.content.mime.Signatures.Mismatch;
import dev.postern.internal.content.mime.Signatures.Mode;
import dev.postern.internal.content.mime.TransferDecoder.Encoding;
import dev.postern.internal.octets.Octets;
import dev.postern.settings.Check;
import dev.postern.spi.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Decodes a part in every way that a reader may, and holds what it finds to the part's names. */
final class AttachmentReader implements BodyReader {

    /** So many octets have whole the signatures of most formats. */
    private static final int SHORTEST_SIGNED = 12;

    private final WholeMessage message;
    private final String path;
    private final PartHeader part;
    private final boolean quoted;
    private final boolean doubtful;
    private final Reading[] readings; // the standard's first
    private boolean indifferent;

    /** One way to read the body, and what came of it. */
    private record Reading(Decoding how, TransferDecoder decoder, Sample sample) {}

    /** Begins a body; the path is that of its part. */
    AttachmentReader(WholeMessage message, String path, PartHeader part, boolean quoted, boolean doubtful) {
        this.message = message;
        this.path = path.isEmpty() ? "1" : path;
        this.part = part;
        this.quoted = quoted;
        this.doubtful = doubtful;
        readings = decodings(part, quoted).stream().map(this::begin).toArray(Reading[]::new);
    }

    private Reading begin(Decoding how) {
        Sample sample = new Sample();
        return new Reading(how, new TransferDecoder(how.encoding(), mustBeClean(how), sample), sample);
    }

    private static List<Decoding> decodings(PartHeader part, boolean quoted) {
        List<Decoding> all = new ArrayList<>(part.decodings());
        Set<Encoding> encodings = all.stream().map(Decoding::encoding).collect(Collectors.toSet());
        // some readers show as it stands what holds parts, and what they cannot decode, which is refused unless quoted
        if ((quoted || part.kind() != PartHeader.Kind.LEAF) && !encodings.contains(Encoding.IDENTITY)) {
            all.add(new Decoding(Encoding.IDENTITY, Mode.KNOWN_BINARIES, false));
        }
        if (encodings.contains(Encoding.UUENCODE)) {
            all.add(new Decoding(Encoding.UUENCODE_BY_MODE, Mode.KNOWN_BINARIES, false));
        }
        return all;
    }

    /** Tells whether there is anything to hold a body to. */
    static boolean isNeeded(PartHeader part) {
        return Signatures.mayKnow(part.fileNames())
                || Signatures.mayKnow(part.unlikelyNames())
                || part.hasUnknownCharset()
                || part.beyondBound().isPresent();
    }

    @Override
    public boolean indifferent() {
        return indifferent;
    }

    @Override
    public void lines(byte[] buffer, int start, int end, long position) {
        int i = start;
        while (i < end && !indifferent && !message.lost()) {
            i = readings.length == 1 ? readings[0].decoder.skip(buffer, i, end) : i;
            if (i < end) {
                int lf = Octets.indexOf(buffer, i, end, Octets.LF);
                line(buffer, i, lf - 1, true, true, position + i - start);
                i = lf + 1;
            }
        }
    }

    @Override
    public void line(byte[] buffer, int start, int end, boolean first, boolean last, long position) {
        if (indifferent) {
            return;
        }
        indifferent = true;
        for (Reading each : readings) {
            TransferDecoder decoder = each.decoder;
            decoder.line(buffer, start, end, first, last);
            indifferent &= decoder.indifferent();
            if (decoder.broken()) {
                message.refuse(path, "undecodable base64 in the line at octet " + position + " (RFC 2045 section 6.8)");
                return;
            }
        }
    }

    @Override
    public void end(boolean cutOff) {
        boolean decoded = false;
        for (Reading each : readings) {
            each.decoder.end();
            decoded |= each.decoder.clean() && each.how.encoding() != Encoding.IDENTITY;
            if (each.decoder.broken()) {
                message.refuse(path, "undecodable base64, its end is missing (RFC 2045 section 6.8)");
                return;
            }
        }
        for (Reading each : readings) {
            for (byte[] octets : each.sample.readings()) {
                judge(octets, mode(each, octets.length, decoded, cutOff));
            }
        }
    }

    private Mode mode(Reading reading, int length, boolean decoded, boolean cutOff) {
        if (doubtful || part.isFieldsOnly() || cutOff && length < SHORTEST_SIGNED) {
            return Mode.KNOWN_BINARIES; // half a signature says nothing
        }
        Decoding first = readings[0].how;
        boolean misspelled = !first.standard() && first.encoding() != Encoding.IDENTITY;
        if (misspelled && !first.encoding().hasBeginning()) {
            return decoded == (reading.how.encoding() != Encoding.IDENTITY) ? Mode.FULL : Mode.KNOWN_BINARIES;
        }
        boolean unclean = misspelled && !reading.decoder.clean();
        return unclean ? Mode.KNOWN_BINARIES : reading.how.mode();
    }

    private void judge(byte[] octets, Mode mode) {
        Optional<Mismatch> mismatch = message.signatures.mismatch(part.fileNames(), octets, mode);
        if (mismatch.isEmpty()) {
            mismatch = message.signatures.mismatch(part.unlikelyNames(), octets, Mode.PROGRAMS);
        }
        if (mismatch.isPresent()) {
            String name = Reply.printable(mismatch.get().name(), 100);
            message.refuse(path + " \"" + name + "\"", mismatch.get().what());
        } else if (part.beyondBound().isPresent()) {
            Optional<String> known = message.signatures.unnamed(octets);
            known.ifPresent(what -> message.refuse(path, part.beyondBound().get() + ", " + what));
        } else if (part.hasUnknownCharset()) {
            Optional<String> program = message.signatures.program(octets);
            program.ifPresent(what -> message.refuse(path, "name in a charset that is not known, " + what));
        }
    }

    private boolean mustBeClean(Decoding how) {
        return !quoted
                && how.standard()
                && how.encoding() == Encoding.BASE64
                && !part.isFieldsOnly()
                && message.rules.checks(Check.MIME);
    }
}
