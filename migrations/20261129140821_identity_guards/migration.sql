-- E-5: the hardest kind of enforcement that is in force now. Written as a column (`a.enforcement`), it is computed by the clock of each statement.
CREATE FUNCTION "enforcement_kind"("notice" tstzmultirange, "warning" tstzmultirange, "restricted" tstzmultirange, "suspended" tstzmultirange, "banned" tstzmultirange)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN $5 @> now() THEN 'banned' WHEN $4 @> now() THEN 'suspended' WHEN $3 @> now() THEN 'restricted'
    WHEN $2 @> now() THEN 'warning' WHEN $1 @> now() THEN 'notice' ELSE 'none' END
$$;
--> statement-breakpoint
CREATE FUNCTION "enforcement"("accounts") RETURNS text LANGUAGE sql STABLE AS $$
  SELECT enforcement_kind($1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during)
$$;
--> statement-breakpoint
CREATE FUNCTION "enforcement"("organizations") RETURNS text LANGUAGE sql STABLE AS $$
  SELECT enforcement_kind($1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during)
$$;
--> statement-breakpoint
-- What an organization is to whoever works in it: closed, suspended (also for good), or active.
CREATE FUNCTION "standing"("organizations") RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN $1.status = 'closed' THEN 'closed' WHEN $1.suspended_during @> now() OR $1.banned_during @> now() THEN 'suspended' ELSE 'active' END
$$;
--> statement-breakpoint
-- E-1, E-5: from its actions alone, when which kind is in force on an account or organization.
CREATE FUNCTION "enforcement_actions_apply"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  action enforcement_actions := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.account_id, OLD.organization_id) IS DISTINCT FROM (NEW.account_id, NEW.organization_id) THEN
    RAISE EXCEPTION 'an action stays with its subject'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'enforcement_actions_subject_stays', TABLE = 'enforcement_actions';
  END IF;
  IF action.account_id IS NOT NULL THEN
    UPDATE accounts SET (notice_during, warning_during, restricted_during, suspended_during, banned_during) = (
      SELECT range_agg(during) FILTER (WHERE kind = 'notice'), range_agg(during) FILTER (WHERE kind = 'warning'),
        range_agg(during) FILTER (WHERE kind = 'restricted'), range_agg(during) FILTER (WHERE kind = 'suspended'), range_agg(during) FILTER (WHERE kind = 'banned')
      FROM enforcement_actions WHERE account_id = action.account_id AND status = 'active') WHERE id = action.account_id;
  ELSE
    UPDATE organizations SET (notice_during, warning_during, restricted_during, suspended_during, banned_during) = (
      SELECT range_agg(during) FILTER (WHERE kind = 'notice'), range_agg(during) FILTER (WHERE kind = 'warning'),
        range_agg(during) FILTER (WHERE kind = 'restricted'), range_agg(during) FILTER (WHERE kind = 'suspended'), range_agg(during) FILTER (WHERE kind = 'banned')
      FROM enforcement_actions WHERE organization_id = action.organization_id AND status = 'active') WHERE id = action.organization_id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "enforcement_actions_apply" AFTER INSERT OR UPDATE OR DELETE ON "enforcement_actions"
  FOR EACH ROW EXECUTE FUNCTION "enforcement_actions_apply"();
--> statement-breakpoint
-- S-4, E-3: whoever is suspended or banned has no live session, whatever the code does.
CREATE FUNCTION "accounts_end_sessions"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.status <> 'active' OR NEW.suspended_during @> now() OR NEW.banned_during @> now() THEN
    UPDATE sessions SET ended_at = now(), end_reason = CASE WHEN NEW.status <> 'active' THEN 'account_closed' ELSE 'enforcement' END
    WHERE account_id = NEW.id AND ended_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "accounts_end_sessions" AFTER UPDATE OF "status", "suspended_during", "banned_during" ON "accounts"
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.suspended_during IS DISTINCT FROM NEW.suspended_during OR OLD.banned_during IS DISTINCT FROM NEW.banned_during)
  EXECUTE FUNCTION "accounts_end_sessions"();
--> statement-breakpoint
-- K-7, G-4, P-13: only who has an account that is open is a member of an organization that is open. A membership that is the contact of an
-- active contract, or has work through an agency, cannot be deleted (K-1, G-4): so neither can the account close.
CREATE FUNCTION "memberships_check_account"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  account uuid := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'memberships' THEN 'account_id' ELSE 'id' END;
BEGIN
  -- Whoever closes the account, or joins with it, at this moment is waited for; the next statement sees what they did.
  PERFORM FROM accounts WHERE id = account FOR SHARE;
  IF EXISTS (SELECT 1 FROM memberships m JOIN organizations o ON o.id = m.organization_id JOIN accounts a ON a.id = m.account_id
      WHERE a.id = account AND a.status IN ('closed', 'anonymised') AND o.status <> 'closed') THEN
    RAISE EXCEPTION 'a closed account is no member of an open organization'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_closed_memberships', TABLE = 'accounts';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "accounts_closed_memberships" AFTER UPDATE OF "status" ON "accounts"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status IN ('closed', 'anonymised')) EXECUTE FUNCTION "memberships_check_account"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_of_open_account" AFTER INSERT OR UPDATE OF "account_id" ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "memberships_check_account"();
--> statement-breakpoint
-- The same when a closed organization opens again.
CREATE FUNCTION "organizations_check_accounts"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM FROM accounts WHERE id IN (SELECT account_id FROM memberships WHERE organization_id = NEW.id) ORDER BY id FOR SHARE;
  IF EXISTS (SELECT 1 FROM memberships m JOIN accounts a ON a.id = m.account_id
      WHERE m.organization_id = NEW.id AND a.status IN ('closed', 'anonymised')) THEN
    RAISE EXCEPTION 'a closed account is no member of an open organization'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'organizations_reopened_by_closed', TABLE = 'organizations';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_reopened_by_closed" AFTER UPDATE OF "status" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status = 'closed' AND NEW.status <> 'closed') EXECUTE FUNCTION "organizations_check_accounts"();
--> statement-breakpoint
-- An action is history: what it was imposed for, on whom and by whom is never rewritten, and none is deleted.
CREATE FUNCTION "enforcement_actions_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.kind, OLD.reason_code, OLD.imposed_by_kind, OLD.imposed_by_id, OLD.created_at)
      IS DISTINCT FROM (NEW.kind, NEW.reason_code, NEW.imposed_by_kind, NEW.imposed_by_id, NEW.created_at)
      OR (OLD.status IN ('lifted', 'withdrawn') AND (OLD.status, OLD.lifted_at, OLD.lift_reason) IS DISTINCT FROM (NEW.status, NEW.lifted_at, NEW.lift_reason)) THEN
    RAISE EXCEPTION 'an action is history' USING ERRCODE = 'check_violation', CONSTRAINT = 'enforcement_actions_history', TABLE = 'enforcement_actions';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "enforcement_actions_history" BEFORE UPDATE OR DELETE ON "enforcement_actions"
  FOR EACH ROW EXECUTE FUNCTION "enforcement_actions_keep"();
--> statement-breakpoint
-- What was decided of two accounts stays decided.
CREATE FUNCTION "duplicate_cases_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.first_account_id, OLD.second_account_id) IS DISTINCT FROM (NEW.first_account_id, NEW.second_account_id)
      OR (OLD.status NOT IN ('open', 'awaiting_choice') AND OLD.status <> NEW.status) THEN
    RAISE EXCEPTION 'a decided case stays decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'duplicate_cases_decided_once', TABLE = 'duplicate_cases';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "duplicate_cases_decided_once" BEFORE UPDATE OR DELETE ON "duplicate_cases"
  FOR EACH ROW EXECUTE FUNCTION "duplicate_cases_keep"();
--> statement-breakpoint
-- A decided appeal stays decided, as does an ended verification.
CREATE FUNCTION "appeals_keep"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.action_id <> NEW.action_id OR (OLD.status IN ('granted', 'denied') AND OLD.status <> NEW.status) THEN
    RAISE EXCEPTION 'a decided appeal stays decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_decided_once', TABLE = 'appeals';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "appeals_decided_once" BEFORE UPDATE OR DELETE ON "appeals" FOR EACH ROW EXECUTE FUNCTION "appeals_keep"();
