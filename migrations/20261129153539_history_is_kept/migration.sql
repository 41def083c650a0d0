-- E-1: an action is history. It goes from proposed to active or withdrawn, and from active to lifted; what it says of itself is written once.
-- Only its beginning may move, as long as it is to come; and an erasure empties the words in it.
CREATE OR REPLACE FUNCTION "enforcement_actions_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
      OR NOT (NEW.status = OLD.status OR (OLD.status = 'proposed' AND NEW.status IN ('active', 'withdrawn')) OR (OLD.status = 'active' AND NEW.status = 'lifted'))
      OR (OLD.id, OLD.account_id, OLD.organization_id, OLD.kind, OLD.reason_code, OLD.policy, OLD.imposed_by_kind, OLD.imposed_by_id, OLD.ends_at,
          OLD.case_id, OLD.verification_id, OLD.created_at)
        IS DISTINCT FROM (NEW.id, NEW.account_id, NEW.organization_id, NEW.kind, NEW.reason_code, NEW.policy, NEW.imposed_by_kind, NEW.imposed_by_id, NEW.ends_at,
          NEW.case_id, NEW.verification_id, NEW.created_at)
      OR (OLD.starts_at <> NEW.starts_at AND OLD.status <> 'proposed' AND OLD.starts_at <= now())
      OR (OLD.status <> 'proposed' AND (OLD.approved_by_id, OLD.approved_at) IS DISTINCT FROM (NEW.approved_by_id, NEW.approved_at))
      OR (OLD.status = NEW.status AND (OLD.lifted_at, OLD.lifted_by_kind, OLD.lifted_by_id, OLD.lift_reason)
        IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by_kind, NEW.lifted_by_id, NEW.lift_reason))
      OR (OLD.remedy <> NEW.remedy AND NEW.remedy <> '')
      OR (OLD.note IS DISTINCT FROM NEW.note AND NEW.note IS NOT NULL) THEN
    RAISE EXCEPTION 'an action is history' USING ERRCODE = 'check_violation', CONSTRAINT = 'enforcement_actions_history', TABLE = 'enforcement_actions';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- What was decided of two accounts stays decided, by whom and for which of them; an erasure empties the words of it.
CREATE OR REPLACE FUNCTION "duplicate_cases_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
      OR (OLD.first_account_id, OLD.second_account_id, OLD.newer_account_id) IS DISTINCT FROM (NEW.first_account_id, NEW.second_account_id, NEW.newer_account_id)
      OR (OLD.status NOT IN ('open', 'awaiting_choice') AND (
        (OLD.status, OLD.kind, OLD.kept_account_id, OLD.decided_by_kind, OLD.decided_by_id, OLD.decided_at)
          IS DISTINCT FROM (NEW.status, NEW.kind, NEW.kept_account_id, NEW.decided_by_kind, NEW.decided_by_id, NEW.decided_at)
        OR (OLD.decision_reason IS DISTINCT FROM NEW.decision_reason AND NEW.decision_reason IS NOT NULL))) THEN
    RAISE EXCEPTION 'a decided case stays decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'duplicate_cases_decided_once', TABLE = 'duplicate_cases';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- A verification that has ended stays ended; none is deleted.
CREATE FUNCTION "identity_verifications_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.account_id <> NEW.account_id OR (OLD.status IN ('verified', 'cancelled') AND OLD.status <> NEW.status) THEN
    RAISE EXCEPTION 'an ended verification stays ended'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_verifications_ended_once', TABLE = 'identity_verifications';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "identity_verifications_ended_once" BEFORE UPDATE OR DELETE ON "identity_verifications"
  FOR EACH ROW EXECUTE FUNCTION "identity_verifications_keep"();
