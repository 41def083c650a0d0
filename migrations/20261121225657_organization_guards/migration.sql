-- C-4: exactly one owner, who is a member. Deferred: an organization and its first membership need each other.
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_owner" FOREIGN KEY ("id", "owner_account_id")
  REFERENCES "memberships" ("organization_id", "account_id") DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
-- C-1: exactly one default team.
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_default_team" FOREIGN KEY ("id", "default_team_id")
  REFERENCES "teams" ("organization_id", "id") DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
-- G-2: an exclusive membership takes the whole range of an account's slots, any other a slot of its own: nothing fits beside an exclusive one.
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
CREATE SEQUENCE "agency_slots" AS bigint;
--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_exclusive_elsewhere"
  EXCLUDE USING gist ("account_id" WITH =, "slots" WITH &&) WHERE ("slots" IS NOT NULL);
--> statement-breakpoint
-- Only a closed agency may leave its members without slots: it binds nobody, an open one binds them all.
CREATE FUNCTION "memberships_check_slots"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  organization uuid := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'memberships' THEN 'organization_id' ELSE 'id' END;
BEGIN
  PERFORM FROM organizations WHERE id = organization FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM memberships m JOIN organizations o ON o.id = m.organization_id
      WHERE o.id = organization AND o.kind = 'agency' AND o.status <> 'closed' AND m.slots IS NULL) THEN
    RAISE EXCEPTION 'members of an open agency take slots'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_slots_while_open', TABLE = 'memberships';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_slots_while_open" AFTER INSERT OR UPDATE OF "slots" ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.slots IS NULL AND NEW.kind = 'agency') EXECUTE FUNCTION "memberships_check_slots"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_slots_while_open" AFTER UPDATE OF "status" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'agency') EXECUTE FUNCTION "memberships_check_slots"();
--> statement-breakpoint
-- C-4, C-13: the owner's membership is active.
CREATE FUNCTION "memberships_check_owner"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.status = 'active' THEN RETURN NULL; END IF;
  -- Whoever makes this member the owner at this moment is waited for; the next statement sees what they did.
  PERFORM FROM organizations WHERE id = NEW.organization_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM organizations WHERE id = NEW.organization_id AND owner_account_id = NEW.account_id) THEN
    RAISE EXCEPTION 'the owner is an active member'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner_active', TABLE = 'memberships';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_owner_active" AFTER INSERT OR UPDATE OF "status" ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "memberships_check_owner"();
--> statement-breakpoint
CREATE FUNCTION "organizations_check_owner"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM memberships m JOIN organizations o ON o.id = m.organization_id AND o.owner_account_id = m.account_id
      WHERE o.id = NEW.id AND m.status = 'active') THEN
    RAISE EXCEPTION 'the owner is an active member'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner_active', TABLE = 'organizations';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_owner_active" AFTER UPDATE OF "owner_account_id" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "organizations_check_owner"();
--> statement-breakpoint
-- C-8: the default team is never hidden.
CREATE FUNCTION "teams_check_default"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  organization uuid := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'teams' THEN 'organization_id' ELSE 'id' END;
BEGIN
  -- Whoever makes the team the default one at this moment is waited for; the next statement sees what they did.
  PERFORM FROM organizations WHERE id = organization FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM organizations o JOIN teams t ON t.id = o.default_team_id WHERE o.id = organization AND t.hidden_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the default team cannot be hidden'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'teams_default_shown', TABLE = 'teams';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "teams_default_shown" AFTER INSERT OR UPDATE OF "hidden_at" ON "teams"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "teams_check_default"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_default_team_shown" AFTER UPDATE OF "default_team_id" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "teams_check_default"();
--> statement-breakpoint
-- K-2: the membership of this account is active and may be contact in the team, in a company and a team that are there to be worked in.
CREATE FUNCTION "contract_contact_eligible"("company" uuid, "team" uuid, "membership" uuid, "account" uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT EXISTS (
    SELECT 1 FROM memberships m
    JOIN organizations o ON o.id = m.organization_id
    JOIN teams t ON t.id = contract_contact_eligible.team AND t.organization_id = o.id
    WHERE m.id = contract_contact_eligible.membership AND m.organization_id = contract_contact_eligible.company
      AND m.account_id = contract_contact_eligible.account AND o.kind = 'company'
      AND m.status = 'active' AND o.status <> 'closed' AND t.hidden_at IS NULL
      AND (o.owner_account_id = m.account_id OR EXISTS (
        SELECT 1 FROM role_grants g LEFT JOIN custom_roles c ON c.organization_id = g.organization_id AND c.key = g.custom_role
        WHERE g.membership_id = m.id AND (g.team_id IS NULL OR g.team_id = t.id)
          AND (g.role = 'hiring_manager' OR 'contract.contact' = ANY (c.permissions)))))
$$;
--> statement-breakpoint
-- K-1: at the end of a transaction every active contract that it touched from any side has an eligible contact.
CREATE FUNCTION "contracts_check_contact"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  -- Of a grant that is given to another member only the one who had it can lose by it.
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' OR TG_TABLE_NAME = 'role_grants' THEN OLD ELSE NEW END);
  company uuid := CASE TG_TABLE_NAME WHEN 'organizations' THEN changed ->> 'id' WHEN 'contracts' THEN changed ->> 'company_id' ELSE changed ->> 'organization_id' END;
  broken boolean;
BEGIN
  -- Whoever assigns a contact at this moment does so under this lock; the next statement sees what they did.
  PERFORM FROM organizations WHERE id = company FOR NO KEY UPDATE;
  -- One statement for each side: each finds its contracts by an index of its own, however many the company has.
  IF TG_TABLE_NAME = 'contracts' THEN
    SELECT EXISTS (SELECT 1 FROM contracts c WHERE c.id = changed ->> 'id' AND c.status = 'active'
      AND NOT contract_contact_eligible(c.company_id, c.team_id, c.contact_membership_id, c.contact_account_id)) INTO broken;
  ELSIF TG_TABLE_NAME = 'memberships' OR TG_TABLE_NAME = 'role_grants' THEN
    SELECT EXISTS (SELECT 1 FROM contracts c WHERE c.contact_membership_id = coalesce(changed ->> 'membership_id', changed ->> 'id')::uuid AND c.status = 'active'
      AND NOT contract_contact_eligible(c.company_id, c.team_id, c.contact_membership_id, c.contact_account_id)) INTO broken;
  ELSIF TG_TABLE_NAME = 'teams' THEN
    SELECT EXISTS (SELECT 1 FROM contracts c WHERE c.team_id = (changed ->> 'id')::uuid AND c.status = 'active'
      AND NOT contract_contact_eligible(c.company_id, c.team_id, c.contact_membership_id, c.contact_account_id)) INTO broken;
  ELSIF TG_TABLE_NAME = 'custom_roles' THEN
    SELECT EXISTS (SELECT 1 FROM role_grants g JOIN contracts c ON c.contact_membership_id = g.membership_id AND c.status = 'active'
      WHERE g.organization_id = company AND g.custom_role = changed ->> 'key'
      AND NOT contract_contact_eligible(c.company_id, c.team_id, c.contact_membership_id, c.contact_account_id)) INTO broken;
  ELSE
    -- A company that closes loses all contacts, one with another owner only what the former one was contact of.
    SELECT EXISTS (SELECT 1 FROM contracts c WHERE c.company_id = company AND c.status = 'active'
      AND (changed ->> 'status' = 'closed' OR c.contact_account_id = (to_jsonb(OLD) ->> 'owner_account_id')::uuid)
      AND NOT contract_contact_eligible(c.company_id, c.team_id, c.contact_membership_id, c.contact_account_id)) INTO broken;
  END IF;
  IF broken THEN
    RAISE EXCEPTION 'an active contract needs a contact who may be one'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'contracts_contact_eligible', TABLE = 'contracts';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "contracts_contact_eligible" AFTER INSERT OR UPDATE ON "contracts"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_contact_eligible" AFTER UPDATE OF "status", "account_id" ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "role_grants_contact_eligible" AFTER UPDATE OR DELETE ON "role_grants"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "teams_contact_eligible" AFTER UPDATE OF "hidden_at" ON "teams"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "custom_roles_contact_eligible" AFTER UPDATE OF "permissions" OR DELETE ON "custom_roles"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_contact_eligible" AFTER UPDATE OF "owner_account_id", "status" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "contracts_check_contact"();
--> statement-breakpoint
-- K-1: nor is a contact taken out of the contract's team, whatever other roles they have.
CREATE FUNCTION "team_members_check_contact"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM FROM organizations WHERE id = OLD.organization_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM contracts WHERE team_id = OLD.team_id AND contact_membership_id = OLD.membership_id AND status = 'active')
     AND NOT EXISTS (SELECT 1 FROM team_members WHERE team_id = OLD.team_id AND membership_id = OLD.membership_id) THEN
    RAISE EXCEPTION 'the contact of an active contract stays in its team'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'contracts_contact_in_team', TABLE = 'team_members';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "team_members_contact_stays" AFTER UPDATE OR DELETE ON "team_members"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "team_members_check_contact"();
--> statement-breakpoint
-- G-4: who has work through an agency stays in it.
CREATE FUNCTION "memberships_check_agency_work"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.kind = 'agency' THEN
    PERFORM FROM organizations WHERE id = OLD.organization_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM contracts WHERE agency_id = OLD.organization_id AND freelancer_account_id = OLD.account_id AND status = 'active')
       OR EXISTS (SELECT 1 FROM proposals WHERE agency_id = OLD.organization_id AND account_id = OLD.account_id AND status IN ('open', 'archived')) THEN
      RAISE EXCEPTION 'a member with work through the agency stays in it'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_agency_work', TABLE = 'memberships';
    END IF;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_agency_work" AFTER DELETE ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "memberships_check_agency_work"();
--> statement-breakpoint
-- G-3: nobody becomes exclusive while work of their own is open.
CREATE FUNCTION "memberships_check_independent_work"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.affiliation = 'exclusive' AND (TG_OP = 'INSERT' OR OLD.affiliation <> 'exclusive') AND (
      EXISTS (SELECT 1 FROM contracts WHERE freelancer_account_id = NEW.account_id AND agency_id IS NULL AND status = 'active')
      OR EXISTS (SELECT 1 FROM proposals WHERE account_id = NEW.account_id AND agency_id IS NULL AND status IN ('open', 'archived'))) THEN
    RAISE EXCEPTION 'independent work is open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_independent_work', TABLE = 'memberships';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "memberships_independent_work" AFTER INSERT OR UPDATE OF "affiliation" ON "memberships"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "memberships_check_independent_work"();
--> statement-breakpoint
-- G-1: who owns an agency, or is freelancer in one, has an active freelancer profile.
CREATE FUNCTION "freelancer_profiles_check_needed"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  account uuid;
BEGIN
  IF TG_TABLE_NAME = 'role_grants' THEN
    IF changed ->> 'role' IS DISTINCT FROM 'freelancer' THEN RETURN NULL; END IF;
    SELECT account_id INTO account FROM memberships WHERE id = (changed ->> 'membership_id')::uuid;
  ELSIF TG_TABLE_NAME = 'organizations' THEN
    account := changed ->> 'owner_account_id';
  ELSE
    account := changed ->> 'account_id';
  END IF;
  -- A profile that is closed or opened at this moment is waited for.
  PERFORM FROM freelancer_profiles WHERE account_id = account FOR SHARE;
  IF NOT EXISTS (SELECT 1 FROM freelancer_profiles WHERE account_id = account AND status = 'active') AND (
      EXISTS (SELECT 1 FROM organizations WHERE owner_account_id = account AND kind = 'agency' AND status <> 'closed')
      OR EXISTS (SELECT 1 FROM role_grants g JOIN memberships m ON m.id = g.membership_id JOIN organizations o ON o.id = m.organization_id
        WHERE m.account_id = account AND g.role = 'freelancer' AND o.status <> 'closed')) THEN
    RAISE EXCEPTION 'this needs an active freelancer profile'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'freelancer_profiles_needed', TABLE = 'freelancer_profiles';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "freelancer_profiles_needed" AFTER UPDATE OF "status" OR DELETE ON "freelancer_profiles"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "freelancer_profiles_check_needed"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "organizations_profile_needed" AFTER INSERT OR UPDATE OF "owner_account_id", "status" ON "organizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'agency') EXECUTE FUNCTION "freelancer_profiles_check_needed"();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "role_grants_profile_needed" AFTER INSERT OR UPDATE ON "role_grants"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "freelancer_profiles_check_needed"();
