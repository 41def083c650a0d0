-- Q-4: whoever keeps what decisions depend on is told when it changes, by the transaction that changes it, however that came about. A notice names
-- an account, an organization or a service client: `account:<uuid>`; `*` stands for more than anybody wants to be told one by one. Only what facts
-- depend on counts: neither a version nor a name does. Postgres commits transactions with a notice one after another, and sends equal ones once.
CREATE FUNCTION "facts_tell"("kind" text, "ids" uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(ids) > 100 THEN
    PERFORM pg_notify('guildhall_facts', '*');
  ELSE
    PERFORM pg_notify('guildhall_facts', kind || ':' || id) FROM unnest(ids) id WHERE id IS NOT NULL;
  END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION "facts_tell_all"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('guildhall_facts', '*');
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Its arguments: the kind, and the column with the id.
CREATE FUNCTION "facts_row_changed"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM facts_tell(TG_ARGV[0], ARRAY[(to_jsonb(OLD) ->> TG_ARGV[1])::uuid, (to_jsonb(NEW) ->> TG_ARGV[1])::uuid]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "accounts_facts_changed" AFTER UPDATE ON "accounts" FOR EACH ROW
  WHEN ((OLD.status, OLD.notice_during, OLD.warning_during, OLD.restricted_during, OLD.suspended_during, OLD.banned_during)
    IS DISTINCT FROM (NEW.status, NEW.notice_during, NEW.warning_during, NEW.restricted_during, NEW.suspended_during, NEW.banned_during))
  EXECUTE FUNCTION "facts_row_changed"('account', 'id');
--> statement-breakpoint
CREATE TRIGGER "accounts_facts_deleted" AFTER DELETE ON "accounts" FOR EACH ROW EXECUTE FUNCTION "facts_row_changed"('account', 'id');
--> statement-breakpoint
CREATE TRIGGER "organizations_facts_changed" AFTER UPDATE ON "organizations" FOR EACH ROW
  WHEN ((OLD.kind, OLD.status, OLD.require_second_factor, OLD.owner_account_id, OLD.notice_during, OLD.warning_during, OLD.restricted_during, OLD.suspended_during, OLD.banned_during)
    IS DISTINCT FROM (NEW.kind, NEW.status, NEW.require_second_factor, NEW.owner_account_id, NEW.notice_during, NEW.warning_during, NEW.restricted_during, NEW.suspended_during, NEW.banned_during))
  EXECUTE FUNCTION "facts_row_changed"('organization', 'id');
--> statement-breakpoint
CREATE TRIGGER "organizations_facts_deleted" AFTER DELETE ON "organizations" FOR EACH ROW EXECUTE FUNCTION "facts_row_changed"('organization', 'id');
--> statement-breakpoint
CREATE TRIGGER "custom_roles_facts_changed" AFTER UPDATE ON "custom_roles" FOR EACH ROW
  WHEN ((OLD.organization_id, OLD.key, OLD.permissions) IS DISTINCT FROM (NEW.organization_id, NEW.key, NEW.permissions))
  EXECUTE FUNCTION "facts_row_changed"('organization', 'organization_id');
--> statement-breakpoint
CREATE TRIGGER "custom_roles_facts_deleted" AFTER DELETE ON "custom_roles" FOR EACH ROW
  EXECUTE FUNCTION "facts_row_changed"('organization', 'organization_id');
--> statement-breakpoint
CREATE TRIGGER "second_factors_facts_made" AFTER INSERT ON "second_factors" FOR EACH ROW
  WHEN (NEW.confirmed_at IS NOT NULL) EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "second_factors_facts_changed" AFTER UPDATE ON "second_factors" FOR EACH ROW
  WHEN ((OLD.account_id, OLD.confirmed_at IS NULL) IS DISTINCT FROM (NEW.account_id, NEW.confirmed_at IS NULL))
  EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "second_factors_facts_deleted" AFTER DELETE ON "second_factors" FOR EACH ROW
  WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "freelancer_profiles_facts_made" AFTER INSERT ON "freelancer_profiles" FOR EACH ROW
  EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "freelancer_profiles_facts_changed" AFTER UPDATE ON "freelancer_profiles" FOR EACH ROW
  WHEN ((OLD.account_id, OLD.status) IS DISTINCT FROM (NEW.account_id, NEW.status))
  EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "freelancer_profiles_facts_deleted" AFTER DELETE ON "freelancer_profiles" FOR EACH ROW
  EXECUTE FUNCTION "facts_row_changed"('account', 'account_id');
--> statement-breakpoint
CREATE TRIGGER "service_clients_facts_changed" AFTER UPDATE ON "service_clients" FOR EACH ROW
  WHEN ((OLD.scopes, OLD.disabled_at) IS DISTINCT FROM (NEW.scopes, NEW.disabled_at))
  EXECUTE FUNCTION "facts_row_changed"('client', 'id');
--> statement-breakpoint
CREATE TRIGGER "service_clients_facts_deleted" AFTER DELETE ON "service_clients" FOR EACH ROW EXECUTE FUNCTION "facts_row_changed"('client', 'id');
--> statement-breakpoint
-- A team stays where it is. One that does not was moved by hand, and may be remembered anywhere.
CREATE TRIGGER "teams_facts_moved" AFTER UPDATE ON "teams" FOR EACH ROW
  WHEN ((OLD.id, OLD.organization_id) IS DISTINCT FROM (NEW.id, NEW.organization_id)) EXECUTE FUNCTION "facts_tell_all"();
--> statement-breakpoint
CREATE TRIGGER "teams_facts_deleted" AFTER DELETE ON "teams" FOR EACH STATEMENT EXECUTE FUNCTION "facts_tell_all"();
--> statement-breakpoint
-- What members are and hold comes in many rows at once: each statement tells of the people in it.
CREATE FUNCTION "memberships_facts_changed"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM facts_tell('account', (SELECT array_agg(DISTINCT account_id) FROM changed));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION "memberships_facts_updated"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM facts_tell('account', (SELECT array_agg(DISTINCT account_id) FROM (
    (SELECT id, organization_id, account_id, status, affiliation FROM before EXCEPT SELECT id, organization_id, account_id, status, affiliation FROM changed)
    UNION ALL
    (SELECT id, organization_id, account_id, status, affiliation FROM changed EXCEPT SELECT id, organization_id, account_id, status, affiliation FROM before)
  ) different));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "memberships_facts_made" AFTER INSERT ON "memberships"
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "memberships_facts_changed"();
--> statement-breakpoint
CREATE TRIGGER "memberships_facts_changed" AFTER UPDATE ON "memberships"
  REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "memberships_facts_updated"();
--> statement-breakpoint
CREATE TRIGGER "memberships_facts_deleted" AFTER DELETE ON "memberships"
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "memberships_facts_changed"();
--> statement-breakpoint
-- Of grants and of teams' members. Where the membership is gone as well, that has told it.
CREATE FUNCTION "member_facts_changed"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM facts_tell('account', (SELECT array_agg(DISTINCT m.account_id) FROM changed c JOIN memberships m ON m.id = c.membership_id));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION "member_facts_updated"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM facts_tell('account', (SELECT array_agg(DISTINCT m.account_id)
    FROM (SELECT membership_id FROM before UNION SELECT membership_id FROM changed) c JOIN memberships m ON m.id = c.membership_id));
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  told text;
BEGIN
  FOREACH told IN ARRAY ARRAY['role_grants', 'team_members'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_facts_changed()',
      told || '_facts_made', told);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_facts_updated()',
      told || '_facts_changed', told);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_facts_changed()',
      told || '_facts_deleted', told);
  END LOOP;
  FOREACH told IN ARRAY ARRAY['accounts', 'organizations', 'memberships', 'role_grants', 'team_members', 'teams', 'custom_roles', 'second_factors',
      'freelancer_profiles', 'service_clients'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION facts_tell_all()', told || '_facts_emptied', told);
  END LOOP;
END $$;
--> statement-breakpoint
-- When the kind of enforcement in force changes next by the clock alone: whoever keeps it keeps it until then.
CREATE FUNCTION "next_moment"("during" tstzmultirange[]) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT min(moment) FROM unnest($1) AS m(ranges), unnest(m.ranges) AS r(range), LATERAL (VALUES (lower(r.range)), (upper(r.range))) AS b(moment)
  WHERE moment > now() AND isfinite(moment)
$$;
--> statement-breakpoint
CREATE FUNCTION "enforcement_changes"("accounts") RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN num_nonnulls($1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during) > 0
    THEN next_moment(ARRAY[$1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during]) END
$$;
--> statement-breakpoint
CREATE FUNCTION "enforcement_changes"("organizations") RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN num_nonnulls($1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during) > 0
    THEN next_moment(ARRAY[$1.notice_during, $1.warning_during, $1.restricted_during, $1.suspended_during, $1.banned_during]) END
$$;
