-- A login counts as failed while it is being tried, and for good when nobody has said by undecided_until (0: it has failed)
-- that it was right.
ALTER TABLE postern_failed_login ADD COLUMN id VARCHAR(60) DEFAULT '' NOT NULL;
ALTER TABLE postern_failed_login ADD COLUMN undecided_until BIGINT DEFAULT 0 NOT NULL;
