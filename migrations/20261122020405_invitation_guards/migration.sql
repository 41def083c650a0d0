-- N-4: every edge out of `pending` is one way, and nothing is accepted past its time, whatever the code does.
CREATE FUNCTION "invitations_check_edge"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.status <> 'pending' AND NEW.status <> OLD.status THEN
    RAISE EXCEPTION 'an invitation ends once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_end_once', TABLE = 'invitations';
  END IF;
  IF NEW.status = 'accepted' AND OLD.status = 'pending' AND OLD.expires_at <= now() THEN
    RAISE EXCEPTION 'an expired invitation is not accepted'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_expired', TABLE = 'invitations';
  END IF;
  IF (NEW.organization_id, NEW.canonical) IS DISTINCT FROM (OLD.organization_id, OLD.canonical) THEN
    RAISE EXCEPTION 'an invitation keeps its organization and its address'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'invitations_keep_address', TABLE = 'invitations';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "invitations_edges" BEFORE UPDATE ON "invitations" FOR EACH ROW EXECUTE FUNCTION "invitations_check_edge"();
--> statement-breakpoint
CREATE FUNCTION "join_requests_check_edge"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.status <> 'open' THEN
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
CREATE TRIGGER "join_requests_edges" BEFORE UPDATE ON "join_requests" FOR EACH ROW EXECUTE FUNCTION "join_requests_check_edge"();
--> statement-breakpoint
-- N-10: a use is never given back, and a revoked link stays revoked.
CREATE FUNCTION "join_links_check_edge"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.uses < OLD.uses OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS NULL OR NEW.uses > OLD.uses)) THEN
    RAISE EXCEPTION 'a join link is only used up'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'join_links_only_used_up', TABLE = 'join_links';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "join_links_edges" BEFORE UPDATE ON "join_links" FOR EACH ROW EXECUTE FUNCTION "join_links_check_edge"();
--> statement-breakpoint
-- A participant with a membership is the person of that membership.
CREATE FUNCTION "conversation_participants_check_person"() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.membership_id IS NOT NULL AND NOT EXISTS
      (SELECT 1 FROM memberships WHERE id = NEW.membership_id AND organization_id = NEW.company_id AND account_id = NEW.account_id) THEN
    RAISE EXCEPTION 'a coworker takes part by their own membership'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'conversation_participants_own_membership', TABLE = 'conversation_participants';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "conversation_participants_person" BEFORE INSERT OR UPDATE ON "conversation_participants"
  FOR EACH ROW EXECUTE FUNCTION "conversation_participants_check_person"();
