-- Names of users and accounts stand in the form in which they are compared (Unicode's NFC, in lower case), domains as A-labels in
-- lower case; so does the account's name in a ledger.
ALTER TABLE postern_user ADD CONSTRAINT postern_user_lower CHECK (name = LOWER(name));
ALTER TABLE postern_account ADD CONSTRAINT postern_account_lower CHECK (name = LOWER(name));
ALTER TABLE postern_domain ADD CONSTRAINT postern_domain_lower CHECK (name = LOWER(name));
