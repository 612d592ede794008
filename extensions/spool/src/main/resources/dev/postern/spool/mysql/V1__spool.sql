-- Moments are milliseconds since 1970-01-01T00:00Z.
-- Each statement is committed by itself: after a crash all of them are run again, up to the last one, which says that they were.

-- The version of these tables.
CREATE TABLE IF NOT EXISTS postern_spool_version (
    version INT NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A relay process. It is alive while beat goes up; what a dead one owned returns to the others.
CREATE TABLE IF NOT EXISTS postern_spool_node (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    beat BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A message with recipients that are not settled yet. state: 0 ready, 1 waits for the upstream to be reachable, 2 held.
-- owner is the node that tries it now, or empty. sending: an attempt has begun, and its outcome is not known here.
-- attempts counts those that the upstream answered; doubled, those after which it may have the message unknown to us.
-- notice is when the sender is to hear of it next; delay_told, whether the sender has heard of the delay.
CREATE TABLE IF NOT EXISTS postern_spool_message (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    account VARCHAR(255) NOT NULL,
    state INT NOT NULL,
    owner VARCHAR(40) NOT NULL,
    sending INT NOT NULL,
    received BIGINT NOT NULL,
    due BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    attempts INT NOT NULL,
    doubled INT NOT NULL,
    delay_told INT NOT NULL,
    upstream VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL,
    envelope MEDIUMBLOB NOT NULL,
    INDEX postern_spool_turn (owner, state, upstream, account, due, size),
    INDEX postern_spool_notice (notice)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- status: 0 waits, 1 relayed, 2 failed. reply is the upstream's last word about it.
CREATE TABLE IF NOT EXISTS postern_spool_recipient (
    message VARCHAR(40) NOT NULL,
    position INT NOT NULL,
    address VARCHAR(400) NOT NULL,
    domain VARCHAR(255) NOT NULL,
    parameters VARCHAR(1100) NOT NULL,
    status INT NOT NULL,
    reply VARCHAR(1000) NOT NULL,
    PRIMARY KEY (message, position)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The content, in pieces of 256 KiB.
CREATE TABLE IF NOT EXISTS postern_spool_content (
    message VARCHAR(40) NOT NULL,
    piece INT NOT NULL,
    octets MEDIUMBLOB NOT NULL,
    PRIMARY KEY (message, piece)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO postern_spool_version (version) VALUES (1);
