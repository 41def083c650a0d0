-- A join request is answered once; what was said with an answer can be erased (P-16), and nothing else of it changes.
CREATE OR REPLACE FUNCTION "join_requests_check_edge"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.status <> 'open' AND (NEW.reason <> '' OR NEW.reason IS NULL OR to_jsonb(NEW) - 'reason' IS DISTINCT FROM to_jsonb(OLD) - 'reason') THEN
    RAISE EXCEPTION 'a join request is answered once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'join_requests_answered_once', TABLE = 'join_requests';
  END IF;
  IF NEW.status = 'approved' AND OLD.expires_at <= now() THEN
    RAISE EXCEPTION 'an expired join request is not approved'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'join_requests_expired', TABLE = 'join_requests';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- P-16: what is erased stays erased: nothing of a person comes back to an anonymised account, and no request to erase changes what it was.
CREATE FUNCTION "accounts_stay_anonymised"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an anonymised account stays so'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_stay_anonymised', TABLE = 'accounts';
END $$;
--> statement-breakpoint
CREATE TRIGGER "accounts_stay_anonymised" BEFORE UPDATE OF "status", "first_name", "last_name" ON "accounts" FOR EACH ROW
  WHEN (OLD.status = 'anonymised' AND (NEW.status, NEW.first_name, NEW.last_name) IS DISTINCT FROM (OLD.status, OLD.first_name, OLD.last_name))
  EXECUTE FUNCTION "accounts_stay_anonymised"();
--> statement-breakpoint
CREATE FUNCTION "anonymisations_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.account_id, OLD.requested_by_kind, OLD.requested_by_id) IS DISTINCT FROM (NEW.account_id, NEW.requested_by_kind, NEW.requested_by_id)
      OR (OLD.status IN ('done', 'cancelled') AND OLD.status <> NEW.status) THEN
    RAISE EXCEPTION 'a request to erase ends once' USING ERRCODE = 'check_violation', CONSTRAINT = 'anonymisations_end_once', TABLE = 'anonymisations';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "anonymisations_end_once" BEFORE UPDATE OR DELETE ON "anonymisations" FOR EACH ROW EXECUTE FUNCTION "anonymisations_keep"();
