-- Wakes who follows the feed when this transaction commits. Postgres commits transactions with a notice strictly one after another, so of
-- those that run at the same time only one gives it: the readers look again for a while after each, and find the others.
CREATE FUNCTION "events_notify"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_try_advisory_xact_lock(hashtext('events_notify')) THEN
    PERFORM pg_notify('guildhall_events', '');
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "events_notify" AFTER INSERT ON "events" FOR EACH STATEMENT EXECUTE FUNCTION "events_notify"();
