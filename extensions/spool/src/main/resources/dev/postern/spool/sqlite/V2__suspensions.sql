-- Whose messages are not tried for a time. kind: 0 an account's, 1 those to a domain. ends is a moment, as all of them.
CREATE TABLE IF NOT EXISTS postern_spool_suspension (
    kind INT NOT NULL,
    name VARCHAR(255) NOT NULL,
    ends BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);
INSERT INTO postern_spool_version (version) VALUES (2);
