package dev.postern.dns;

import dev.postern.dns.Finding.State;
import java.time.Instant;
import java.util.List;

/**
 * What DNS says about a domain.
 *
 * @param domain the domain, folded
 * @param checked when DNS was queried
 * @param validUntil until when the report is valid without another query
 * @param findings one for each requirement; for DKIM, one for each key
 */
public record DomainReport(String domain, Instant checked, Instant validUntil, List<Finding> findings) {

    /**
     * Copies the list.
     *
     * @param domain as {@link #domain()}
     * @param checked as {@link #checked()}
     * @param validUntil as {@link #validUntil()}
     * @param findings as {@link #findings()}
     */
    public DomainReport {
        findings = List.copyOf(findings);
    }

    /** {@return whether every requirement is met, so that mail of the domain may be sent} */
    public boolean validated() {
        return findings.stream().allMatch(finding -> finding.state() == State.MET);
    }

    /**
     * {@return whether DNS gave enough answers to decide; false when only a resolver failure keeps the domain from
     * being validated}
     */
    public boolean conclusive() {
        return validated()
                || findings.stream()
                        .anyMatch(finding -> finding.state() == State.MISSING || finding.state() == State.WRONG);
    }
}
