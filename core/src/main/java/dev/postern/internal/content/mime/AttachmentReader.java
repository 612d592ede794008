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

/** Decodes a part in every way that a reader may, and holds what it finds to the part's names. */
final class AttachmentReader implements BodyReader {

    /** So many octets have whole the signatures of most formats. */
    private static final int SHORTEST_SIGNED = 12;

    private final WholeMessage message;
    private final String path;
    private final PartHeader part;
    private final boolean quoted;
    private final boolean doubtful;
    private final List<Decoding> decodings;
    private final TransferDecoder[] decoders;
    private final List<Sample> samples = new ArrayList<>();
    private boolean indifferent;

    /** Begins a body; the path is that of its part. */
    AttachmentReader(WholeMessage message, String path, PartHeader part, boolean quoted, boolean doubtful) {
        this.message = message;
        this.path = path.isEmpty() ? "1" : path;
        this.part = part;
        this.quoted = quoted;
        this.doubtful = doubtful;
        decodings = withBeginningByMode(decodings(part, quoted));
        decoders = new TransferDecoder[decodings.size()];
        for (int i = 0; i < decoders.length; i++) {
            Sample sample = new Sample();
            samples.add(sample);
            decoders[i] = new TransferDecoder(decodings.get(i).encoding(), mustBeClean(decodings.get(i)), sample);
        }
    }

    /** Some readers show as it stands what holds parts, and what they cannot decode, which is refused unless it is quoted. */
    private static List<Decoding> decodings(PartHeader part, boolean quoted) {
        Decoding asItStands = new Decoding(Encoding.IDENTITY, Mode.KNOWN_BINARIES, false);
        if (!quoted && part.kind() == PartHeader.Kind.LEAF) {
            return part.decodings();
        }
        for (Decoding each : part.decodings()) {
            if (each.encoding() == Encoding.IDENTITY) {
                return part.decodings();
            }
        }
        List<Decoding> all = new ArrayList<>(part.decodings());
        all.add(asItStands);
        return all;
    }

    private static List<Decoding> withBeginningByMode(List<Decoding> decodings) {
        if (decodings.stream().noneMatch(each -> each.encoding() == Encoding.UUENCODE)) {
            return decodings;
        }
        List<Decoding> all = new ArrayList<>(decodings);
        all.add(new Decoding(Encoding.UUENCODE_BY_MODE, Mode.KNOWN_BINARIES, false));
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
            i = decoders.length == 1 ? decoders[0].skip(buffer, i, end) : i;
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
        for (TransferDecoder decoder : decoders) {
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
        for (int i = 0; i < decoders.length; i++) {
            decoders[i].end();
            decoded |= decoders[i].clean() && decodings.get(i).encoding() != Encoding.IDENTITY;
            if (decoders[i].broken()) {
                message.refuse(path, "undecodable base64, its end is missing (RFC 2045 section 6.8)");
                return;
            }
        }
        for (int i = 0; i < decoders.length; i++) {
            for (byte[] octets : samples.get(i).readings()) {
                judge(octets, mode(i, octets.length, decoded, cutOff));
            }
        }
    }

    private Mode mode(int index, int length, boolean decoded, boolean cutOff) {
        Decoding how = decodings.get(index);
        if (doubtful || part.isFieldsOnly() || cutOff && length < SHORTEST_SIGNED) {
            return Mode.KNOWN_BINARIES; // half a signature says nothing
        }
        Decoding first = decodings.get(0);
        boolean misspelled = !first.standard() && first.encoding() != Encoding.IDENTITY;
        if (misspelled && !first.encoding().hasBeginning()) {
            return decoded == (how.encoding() != Encoding.IDENTITY) ? Mode.FULL : Mode.KNOWN_BINARIES;
        }
        boolean unclean = misspelled && !decoders[index].clean();
        return unclean ? Mode.KNOWN_BINARIES : how.mode();
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
