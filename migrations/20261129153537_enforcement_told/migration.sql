ALTER TABLE "enforcement_actions" ADD COLUMN "told_at" timestamp(3) with time zone;--> statement-breakpoint
DROP INDEX "identity_verifications_one_own";--> statement-breakpoint
CREATE UNIQUE INDEX "identity_verifications_one_own" ON "identity_verifications" ("account_id") WHERE "requested_by_kind" = 'account';--> statement-breakpoint
CREATE INDEX "enforcement_actions_untold" ON "enforcement_actions" ("starts_at") WHERE "status" = 'active' and "told_at" is null;--> statement-breakpoint
UPDATE "enforcement_actions" SET "told_at" = now() WHERE "starts_at" <= now();
