-- The role the pages and the background work sign in with: it can add to the ledger and the audit trail, and
-- change neither. Balances are kept by the ledger's trigger, which runs as the owner: the role may only lock them.
-- Run by `manage.py grant_web_role` as the owner of the tables, after every `migrate`. Safe to run again.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'spareparts_web') THEN
        CREATE ROLE spareparts_web LOGIN;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA public TO spareparts_web;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, spareparts_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO spareparts_web;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO spareparts_web;
REVOKE UPDATE, DELETE, TRUNCATE ON inventory_posting, inventory_move, shared_auditevent FROM spareparts_web;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON inventory_balance, django_migrations FROM spareparts_web;
-- A row lock asks for the right to update some column. Nothing can be changed with it: the triggers refuse every
-- update of a balance that does not come from a move, whoever asks.
GRANT UPDATE (id) ON inventory_balance TO spareparts_web;
