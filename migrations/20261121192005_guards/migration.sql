-- Counters need no crash safety: an unlogged table costs no write-ahead log.
ALTER TABLE "rate_counters" SET UNLOGGED;
--> statement-breakpoint
-- P-1, P-3: an active account has exactly one primary address, and it is proven. Deferred: the primary address may change hands inside a transaction.
CREATE FUNCTION "accounts_check_primary_email"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  account uuid;
BEGIN
  IF TG_TABLE_NAME = 'accounts' THEN
    account := NEW.id;
  ELSE
    account := OLD.account_id;
    -- Waits for whoever is just making the account active and cannot see this change yet; the next statement sees theirs.
    PERFORM FROM accounts WHERE id = account FOR SHARE;
  END IF;
  IF EXISTS (SELECT 1 FROM accounts WHERE id = account AND status = 'active')
     AND NOT EXISTS (SELECT 1 FROM emails WHERE account_id = account AND is_primary AND verified_at IS NOT NULL) THEN
    RAISE EXCEPTION 'an active account needs a proven primary email'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_proven_primary_email', TABLE = 'accounts';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "accounts_proven_primary_email" AFTER INSERT OR UPDATE OF "status" ON "accounts"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "accounts_check_primary_email"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "emails_proven_primary_email" AFTER UPDATE OR DELETE ON "emails"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "accounts_check_primary_email"();
--> statement-breakpoint
-- The text that an audit row's hash covers; independent of the session's time zone. jsonb text is canonical.
CREATE FUNCTION "audit_event_text"("event" "audit_events") RETURNS text LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT jsonb_build_array(
    event.id, event.chain_kind, event.chain_id, event.sequence, (extract(epoch FROM event.at) * 1000)::bigint,
    event.actor_kind, event.actor_id, event.action, event.resource, event.request_id, event.detail, encode(event.personal_digest, 'hex')
  )::text
$$;
--> statement-breakpoint
-- Numbers and hashes each audit row; the row of the chain's end is the lock that keeps a chain serial.
-- Runs as its owner, so that the service's role needs no right to change chains.
CREATE FUNCTION "audit_events_chain"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_chains AS chain (chain_kind, chain_id, sequence, hash)
  VALUES (NEW.chain_kind, NEW.chain_id, 1, '\x'::bytea)
  ON CONFLICT (chain_kind, chain_id) DO UPDATE SET sequence = chain.sequence + 1
  RETURNING chain.sequence, chain.hash INTO NEW.sequence, NEW.previous_hash;
  NEW.at := date_trunc('milliseconds', now());
  NEW.hash := sha256(NEW.previous_hash || convert_to(audit_event_text(NEW), 'UTF8'));
  UPDATE audit_chains SET hash = NEW.hash WHERE chain_kind = NEW.chain_kind AND chain_id = NEW.chain_id;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_events_chain" BEFORE INSERT ON "audit_events" FOR EACH ROW EXECUTE FUNCTION "audit_events_chain"();
--> statement-breakpoint
CREATE FUNCTION "audit_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'audit_events_append_only', TABLE = TG_TABLE_NAME;
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "audit_anchors_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_anchors"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse_change"();
