package dev.postern.testkit;

/** The entry to AssertJ assertions on SMTP; its {@code assertThat} goes along with AssertJ's own. */
public final class SmtpAssertions {

    private SmtpAssertions() {}

    /**
     * Begins an assertion on a reply.
     *
     * @param actual the reply
     * @return the assertion
     */
    public static ReplyAssert assertThat(ProbeReply actual) {
        return new ReplyAssert(actual);
    }

    /**
     * Begins an assertion on a probe's connection.
     *
     * @param actual the probe
     * @return the assertion
     */
    public static ProbeAssert assertThat(SmtpProbe actual) {
        return new ProbeAssert(actual);
    }
}
