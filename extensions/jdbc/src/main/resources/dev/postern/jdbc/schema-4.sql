-- A user (kind session-user) or account (session-account) whose sessions are to end that began before the moment at.
CREATE TABLE postern_revocation (
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(255) NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX postern_revocation_at ON postern_revocation (at);
