package dev.postern.internal.session;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A command that was read (RFC 5321 section 4.1.1).
 *
 * @param arguments what stands behind it, without blanks around; nothing for AUTH, whose line becomes no String
 * @param refusal the reply to what cannot be read, in place of everything else
 */
record Command(Verb verb, String arguments, @Nullable Reply refusal) {

    static Command of(Line line) {
        Optional<Reply> noLine = line.refusal();
        if (noLine.isPresent()) {
            return new Command(Verb.UNKNOWN, "", noLine.get());
        }
        Verb verb = line.verb();
        if (line.length() + "\r\n".length() > verb.maxLine()) {
            return new Command(verb, "", line.refusal(StandardReply.LINE_TOO_LONG));
        }
        if (verb == Verb.AUTH) {
            return new Command(verb, "", null);
        }
        Optional<String> text = line.text(verb == Verb.UNKNOWN ? 0 : line.indexOfSpace(0));
        if (text.isEmpty() || verb == Verb.UNKNOWN && line.announcesChunk()) {
            return new Command(verb, "", line.refusal(StandardReply.LINE_MALFORMED));
        }
        if (verb == Verb.UNKNOWN && line.isHeaderField()) {
            return new Command(verb, "", line.refusal(StandardReply.COMMAND_UNKNOWN));
        }
        return new Command(verb, text.get(), null);
    }
}
