package dev.postern.testkit.internal.tls;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Values of ASN.1 in the distinguished encoding (X.690 section 10), as far as certificates of tests need it. */
final class Der {

    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int UTC_TIME = 0x17;
    static final int GENERALIZED_TIME = 0x18;
    static final int SEQUENCE = 0x30;

    private Der() {}

    /** Returns a value of a tag below 31 whose contents are the parts. */
    static byte[] of(int tag, byte[]... parts) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            contents.writeBytes(part);
        }
        int length = contents.size();
        if (length > 0xffff) {
            throw new IllegalArgumentException("too long for a certificate of a test: " + length);
        }
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(tag);
        if (length > 0xff) {
            value.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8)});
        } else if (length > 0x7f) {
            value.write(0x81);
        }
        value.write(length);
        value.writeBytes(contents.toByteArray());
        return value.toByteArray();
    }

    /** Returns a tag of a context, which is primitive or has other values in it. */
    static int context(int number, boolean constructed) {
        return 0x80 | (constructed ? 0x20 : 0) | number;
    }

    /** Returns an object identifier by the octets of its contents, in hexadecimal. */
    static byte[] identifier(String contents) {
        return of(OBJECT_IDENTIFIER, HexFormat.of().parseHex(contents));
    }

    /** Returns a bit string of whole octets. */
    static byte[] bits(byte[] octets) {
        return of(BIT_STRING, new byte[] {0}, octets);
    }
}
