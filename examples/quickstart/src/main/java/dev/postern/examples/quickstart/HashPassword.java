package dev.postern.examples.quickstart;

import dev.postern.passwords.PasswordHashes;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command that makes what a file of users has in place of a password. */
@Command(
        name = "hash-password",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        header = "Makes a line for the file of --users. The password is asked for, or read from standard input.",
        footer = {"", "Exit codes: 0 the line was printed, 2 wrong argument or no password."})
final class HashPassword implements Callable<Integer> {

    private static final int LONGEST = 1024;

    /** What is made of a password. */
    enum Kind {
        /** A hash by which a shown password is checked. */
        ARGON2ID(PasswordHashes::hash),
        /** Keys by which a password can be checked, shown or not. */
        SCRAM(password -> PasswordHashes.scramKeys(password).text());

        private final Function<byte[], String> maker;

        Kind(Function<byte[], String> maker) {
            this.maker = maker;
        }
    }

    private final PrintStream out;
    private final InputStream in;
    private final @Nullable Console console;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "The user's name, to print the whole line. Default: the hash alone.")
    private String name = "";

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = {
                "argon2id, or scram: keys for SCRAM-SHA-256, by which clients log in without showing the password.",
                "Clients that do show it can still log in. Default: argon2id."
            })
    private Kind kind = Kind.ARGON2ID;

    /**
     * A command.
     *
     * @param console null when nobody sits there
     */
    HashPassword(PrintStream out, InputStream in, @Nullable Console console) {
        this.out = out;
        this.in = in;
        this.console = console;
    }

    /** With the terminal of this process, if it has one. */
    static HashPassword ofThisProcess(PrintStream out) {
        return new HashPassword(out, System.in, terminal());
    }

    /** From JDK 22 on there may be a console without a terminal; then it can be asked. */
    @SuppressWarnings("SystemConsoleNull") // which is what the question is about
    private static @Nullable Console terminal() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)) ? console : null;
        } catch (NoSuchMethodException e) {
            return console;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Integer call() throws IOException {
        if (name.indexOf(':') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
            throw new WrongArgumentException("NAME: a file of users cannot have '" + name + "'");
        }
        byte[] password = console == null ? read() : ask(console);
        try {
            if (password.length == 0 || password.length > LONGEST) {
                throw new WrongArgumentException("the password must have 1 to " + LONGEST + " octets");
            }
            String made = kind.maker.apply(password);
            out.println(name.isEmpty() ? made : name + ":" + made);
            out.flush();
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(password, (byte) 0);
        }
        return CommandLine.ExitCode.OK;
    }

    private static byte[] ask(Console console) {
        char[] once = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        try {
            if (once == null || !Arrays.equals(once, again)) {
                throw new WrongArgumentException("the two are not the same");
            }
            ByteBuffer octets = StandardCharsets.UTF_8.encode(CharBuffer.wrap(once));
            byte[] password = new byte[octets.remaining()];
            octets.get(password);
            return password;
        } finally {
            Arrays.fill(once == null ? new char[0] : once, '\0');
            Arrays.fill(again == null ? new char[0] : again, '\0');
        }
    }

    /** The first line, without its end. */
    private byte[] read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n' && line.size() <= LONGEST; octet = in.read()) {
            line.write(octet);
        }
        byte[] octets = line.toByteArray();
        boolean carriageReturn = octets.length > 0 && octets[octets.length - 1] == '\r';
        return carriageReturn ? Arrays.copyOf(octets, octets.length - 1) : octets;
    }
}
