package dev.postern.benchmarks;

/** A server's reply: its code, and the text of its last line. */
record Answer(int code, String text) {

    static Answer read(Wire wire) throws java.io.IOException {
        String line = wire.line();
        while (line.startsWith("-", 3)) {
            line = wire.line();
        }
        if (!line.matches("[2-5][0-9]{2}( .*)?")) {
            throw new java.io.IOException("no reply: " + line);
        }
        return new Answer(Integer.parseInt(line.substring(0, 3)), line);
    }

    boolean positive() {
        return code < 400;
    }

    boolean accepted() {
        return code == 250;
    }
}
