-- Moments are milliseconds since 1970-01-01T00:00Z by the database's clock.

-- A relay process. Its row is its lease: when it is gone, everything that the node held returns.
CREATE TABLE postern_node (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);

-- What is counted: kind is quota-recipients, quota-messages, quota-octets (name is the account), or session-user,
-- session-account, session-address. A quota's counts are those of the period that began at the moment period.
CREATE TABLE postern_ledger (
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(255) NOT NULL,
    period BIGINT NOT NULL,
    used BIGINT NOT NULL,
    held BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- What a message in flight or a session holds of a ledger's held.
CREATE TABLE postern_hold (
    id VARCHAR(150) NOT NULL PRIMARY KEY,
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(255) NOT NULL,
    period BIGINT NOT NULL,
    units BIGINT NOT NULL,
    node VARCHAR(40) NOT NULL
);
CREATE INDEX postern_hold_ledger ON postern_hold (kind, name);

-- Failed logins of an address or prefix, and until when it is blocked (0: it is not).
CREATE TABLE postern_throttle (
    address VARCHAR(64) NOT NULL PRIMARY KEY,
    blocked_until BIGINT NOT NULL,
    forget_at BIGINT NOT NULL
);
CREATE TABLE postern_failed_login (
    address VARCHAR(64) NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX postern_failed_login_address ON postern_failed_login (address, at);

-- Who may send. What is NULL in a plan is the relay's own. quota_period is day, week or month, in the account's zone;
-- with it, a quota_limit that is NULL is without limit. quota_unit is recipients (also when NULL), messages or octets.
CREATE TABLE postern_plan (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    quota_limit BIGINT,
    quota_period VARCHAR(10),
    quota_unit VARCHAR(10),
    sessions_per_user INT,
    sessions_per_account INT,
    messages_per_session INT,
    recipients_per_message INT,
    message_size BIGINT
);
CREATE TABLE postern_account (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    plan VARCHAR(255),
    zone VARCHAR(64) NOT NULL,
    relay_enabled BOOLEAN NOT NULL,
    FOREIGN KEY (plan) REFERENCES postern_plan (name)
);
CREATE TABLE postern_domain (
    account VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL,
    validated BOOLEAN NOT NULL,
    PRIMARY KEY (account, name),
    FOREIGN KEY (account) REFERENCES postern_account (name)
);
CREATE TABLE postern_user (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    account VARCHAR(255) NOT NULL,
    password VARCHAR(255) NOT NULL,
    FOREIGN KEY (account) REFERENCES postern_account (name)
);
