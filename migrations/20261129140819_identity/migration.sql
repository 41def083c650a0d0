CREATE TABLE "anonymisations" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"status" text NOT NULL,
	"requested_by_kind" text NOT NULL,
	"requested_by_id" text NOT NULL,
	"approved_by_id" text,
	"due_at" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp(3) with time zone,
	CONSTRAINT "anonymisations_status_known" CHECK ("status" in ('proposed', 'scheduled', 'done', 'cancelled')),
	CONSTRAINT "anonymisations_requested_by_known" CHECK ("requested_by_kind" in ('account', 'operator')),
	CONSTRAINT "anonymisations_ended_has_time" CHECK (("status" in ('done', 'cancelled')) = ("ended_at" is not null)),
	CONSTRAINT "anonymisations_scheduled_has_time" CHECK ("status" <> 'scheduled' or "due_at" is not null),
	CONSTRAINT "anonymisations_four_eyes" CHECK ("requested_by_kind" = 'account' or "status" in ('proposed', 'cancelled')
        or ("approved_by_id" is not null and "approved_by_id" <> "requested_by_id"))
);
--> statement-breakpoint
CREATE TABLE "appeal_messages" (
	"id" uuid PRIMARY KEY,
	"appeal_id" uuid NOT NULL,
	"author" text NOT NULL,
	"operator_id" text,
	"text" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "appeal_messages_author_known" CHECK ("author" in ('person', 'operator')),
	CONSTRAINT "appeal_messages_operator_named" CHECK (("author" = 'operator') = ("operator_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "appeals" (
	"id" uuid PRIMARY KEY,
	"action_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"status" text DEFAULT 'submitted' NOT NULL,
	"decided_by_id" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp(3) with time zone,
	CONSTRAINT "appeals_status_known" CHECK ("status" in ('submitted', 'in_review', 'more_info', 'granted', 'denied')),
	CONSTRAINT "appeals_decided_has_time" CHECK (("status" in ('granted', 'denied')) = ("decided_at" is not null)),
	CONSTRAINT "appeals_decided_by_somebody" CHECK ("status" not in ('granted', 'denied') or "decided_by_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "enforcement_actions" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid,
	"organization_id" uuid,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"reason_code" text NOT NULL,
	"policy" text NOT NULL,
	"remedy" text NOT NULL,
	"note" text,
	"imposed_by_kind" text NOT NULL,
	"imposed_by_id" text,
	"approved_by_id" text,
	"approved_at" timestamp(3) with time zone,
	"starts_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"ends_at" timestamp(3) with time zone,
	"during" tstzrange GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED,
	"case_id" uuid,
	"verification_id" uuid,
	"lifted_at" timestamp(3) with time zone,
	"lifted_by_kind" text,
	"lifted_by_id" text,
	"lift_reason" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "enforcement_actions_one_subject" CHECK (num_nonnulls("account_id", "organization_id") = 1),
	CONSTRAINT "enforcement_actions_kind_known" CHECK ("kind" in ('notice', 'warning', 'restricted', 'suspended', 'banned')),
	CONSTRAINT "enforcement_actions_status_known" CHECK ("status" in ('proposed', 'active', 'lifted', 'withdrawn')),
	CONSTRAINT "enforcement_actions_ends_later" CHECK ("ends_at" > "starts_at"),
	CONSTRAINT "enforcement_actions_ban_has_no_end" CHECK ("kind" <> 'banned' or "ends_at" is null),
	CONSTRAINT "enforcement_actions_only_bans_proposed" CHECK ("status" <> 'proposed' or "kind" = 'banned'),
	CONSTRAINT "enforcement_actions_four_eyes" CHECK ("kind" <> 'banned' or "status" in ('proposed', 'withdrawn')
        or ("approved_by_id" is not null and "approved_by_id" is distinct from "imposed_by_id")),
	CONSTRAINT "enforcement_actions_hard_by_operator" CHECK ("kind" not in ('suspended', 'banned') or "imposed_by_kind" = 'operator'),
	CONSTRAINT "enforcement_actions_lifted_has_reason" CHECK (("status" = 'lifted') = ("lift_reason" is not null)),
	CONSTRAINT "enforcement_actions_lifted_has_time" CHECK (("status" in ('lifted', 'withdrawn')) = ("lifted_at" is not null)),
	CONSTRAINT "enforcement_actions_lift_reason_known" CHECK ("lift_reason" in ('remedy', 'appeal', 'operator', 'case')),
	CONSTRAINT "enforcement_actions_ban_by_appeal" CHECK ("kind" <> 'banned' or "status" <> 'lifted' or "lift_reason" = 'appeal')
);
--> statement-breakpoint
CREATE TABLE "duplicate_cases" (
	"id" uuid PRIMARY KEY,
	"first_account_id" uuid NOT NULL,
	"second_account_id" uuid NOT NULL,
	"newer_account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"origin" text NOT NULL,
	"evidence_kinds" text[] NOT NULL,
	"score" integer DEFAULT 0 NOT NULL,
	"kept_account_id" uuid,
	"decided_by_kind" text,
	"decided_by_id" text,
	"decision_reason" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp(3) with time zone,
	CONSTRAINT "duplicate_cases_pair_in_order" CHECK ("first_account_id" < "second_account_id"),
	CONSTRAINT "duplicate_cases_newer_in_pair" CHECK ("newer_account_id" in ("first_account_id", "second_account_id")),
	CONSTRAINT "duplicate_cases_kind_known" CHECK ("kind" in ('ordinary', 'circumvention')),
	CONSTRAINT "duplicate_cases_status_known" CHECK ("status" in ('open', 'awaiting_choice', 'kept', 'not_duplicate', 'exception', 'circumvention')),
	CONSTRAINT "duplicate_cases_origin_known" CHECK ("origin" in ('strong', 'score', 'reported')),
	CONSTRAINT "duplicate_cases_decided_has_time" CHECK (("status" in ('open', 'awaiting_choice')) = ("decided_at" is null)),
	CONSTRAINT "duplicate_cases_kept_one_of_pair" CHECK (case when "status" = 'kept' then "kept_account_id" is not null and "kept_account_id" in ("first_account_id", "second_account_id")
        else "kept_account_id" is null end),
	CONSTRAINT "duplicate_cases_choice_is_ordinary" CHECK ("kind" = 'ordinary' or "status" not in ('awaiting_choice', 'kept'))
);
--> statement-breakpoint
CREATE TABLE "duplicate_exceptions" (
	"first_account_id" uuid,
	"second_account_id" uuid,
	"operator_id" uuid NOT NULL,
	"reason" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "duplicate_exceptions_pkey" PRIMARY KEY("first_account_id","second_account_id"),
	CONSTRAINT "duplicate_exceptions_pair_in_order" CHECK ("first_account_id" < "second_account_id")
);
--> statement-breakpoint
CREATE TABLE "duplicate_proofs" (
	"token_hash" bytea PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"account_id" uuid,
	"kind" text,
	"key_id" text,
	"fingerprint" bytea,
	"claim" boolean DEFAULT false NOT NULL,
	"strong" boolean NOT NULL,
	"country" text,
	"document_type" text,
	"source" text NOT NULL,
	"verified_at" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"weighed_at" timestamp(3) with time zone,
	CONSTRAINT "evidence_pkey" PRIMARY KEY("account_id","kind","key_id","fingerprint"),
	CONSTRAINT "evidence_kind_known" CHECK ("kind" in ('government_id', 'tax_id', 'phone', 'payout_account', 'mailbox', 'email', 'device', 'ip', 'address', 'name_birth_date')),
	CONSTRAINT "evidence_source_known" CHECK ("source" in ('verification', 'email', 'session')),
	CONSTRAINT "evidence_fingerprint_length" CHECK (octet_length("fingerprint") = 32),
	CONSTRAINT "evidence_claim_is_proven" CHECK (not "claim" or ("strong" and "verified_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "identity_verifications" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"status" text NOT NULL,
	"origin" text NOT NULL,
	"case_id" uuid,
	"requested_by_kind" text NOT NULL,
	"requested_by_id" text,
	"deadline" timestamp(3) with time zone,
	"defects" text[] DEFAULT '{}'::text[] NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"submitted_at" timestamp(3) with time zone,
	"decided_at" timestamp(3) with time zone,
	CONSTRAINT "identity_verifications_status_known" CHECK ("status" in ('requested', 'submitted', 'verified', 'failed', 'cancelled')),
	CONSTRAINT "identity_verifications_origin_known" CHECK ("origin" in ('operator', 'evidence', 'person')),
	CONSTRAINT "identity_verifications_asked_has_deadline" CHECK (("origin" = 'person') = ("deadline" is null))
);
--> statement-breakpoint
CREATE TABLE "sharing_signals" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"device" text NOT NULL,
	"place" text NOT NULL,
	"other_session_id" uuid NOT NULL,
	"other_device" text NOT NULL,
	"other_place" text NOT NULL,
	"day" date DEFAULT (now() at time zone 'UTC') NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "accounts" DROP CONSTRAINT "accounts_enforcement_known";--> statement-breakpoint
ALTER TABLE "organizations" DROP CONSTRAINT "organizations_enforcement_known";--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "notice_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "warning_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "restricted_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "suspended_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "banned_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "closed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "notice_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "warning_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "restricted_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "suspended_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "banned_during" tstzmultirange;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "doubt" text;--> statement-breakpoint
ALTER TABLE "accounts" DROP COLUMN "enforcement";--> statement-breakpoint
ALTER TABLE "accounts" DROP COLUMN "enforcement_reason";--> statement-breakpoint
ALTER TABLE "accounts" DROP COLUMN "enforcement_remedy";--> statement-breakpoint
ALTER TABLE "organizations" DROP COLUMN "enforcement";--> statement-breakpoint
CREATE UNIQUE INDEX "mail_tokens_one_live_reactivation" ON "mail_tokens" ("account_id") WHERE "purpose" = 'reactivate' and "used_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "anonymisations_one_open" ON "anonymisations" ("account_id") WHERE "status" in ('proposed', 'scheduled');--> statement-breakpoint
CREATE INDEX "anonymisations_by_account" ON "anonymisations" ("account_id");--> statement-breakpoint
CREATE INDEX "anonymisations_due" ON "anonymisations" ("due_at") WHERE "status" = 'scheduled';--> statement-breakpoint
CREATE INDEX "appeal_messages_by_appeal" ON "appeal_messages" ("appeal_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "appeals_one_open" ON "appeals" ("action_id") WHERE "status" in ('submitted', 'in_review', 'more_info');--> statement-breakpoint
CREATE INDEX "appeals_by_action" ON "appeals" ("action_id","id");--> statement-breakpoint
CREATE INDEX "appeals_by_account" ON "appeals" ("account_id","id");--> statement-breakpoint
CREATE INDEX "appeals_by_status" ON "appeals" ("status","id");--> statement-breakpoint
CREATE INDEX "enforcement_actions_by_account" ON "enforcement_actions" ("account_id","id") WHERE "account_id" is not null;--> statement-breakpoint
CREATE INDEX "enforcement_actions_by_organization" ON "enforcement_actions" ("organization_id","id") WHERE "organization_id" is not null;--> statement-breakpoint
CREATE INDEX "enforcement_actions_by_case" ON "enforcement_actions" ("case_id") WHERE "case_id" is not null;--> statement-breakpoint
CREATE INDEX "enforcement_actions_by_verification" ON "enforcement_actions" ("verification_id") WHERE "verification_id" is not null;--> statement-breakpoint
CREATE INDEX "enforcement_actions_proposed" ON "enforcement_actions" ("id") WHERE "status" = 'proposed';--> statement-breakpoint
CREATE UNIQUE INDEX "duplicate_cases_one_per_pair" ON "duplicate_cases" ("first_account_id","second_account_id");--> statement-breakpoint
CREATE INDEX "duplicate_cases_by_second" ON "duplicate_cases" ("second_account_id");--> statement-breakpoint
CREATE INDEX "duplicate_cases_by_status" ON "duplicate_cases" ("status","id");--> statement-breakpoint
CREATE INDEX "duplicate_exceptions_by_second" ON "duplicate_exceptions" ("second_account_id");--> statement-breakpoint
CREATE INDEX "duplicate_proofs_by_account" ON "duplicate_proofs" ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "evidence_one_claim" ON "evidence" ("kind","key_id","fingerprint") WHERE "claim";--> statement-breakpoint
CREATE INDEX "evidence_by_fingerprint" ON "evidence" ("kind","key_id","fingerprint");--> statement-breakpoint
CREATE INDEX "evidence_unweighed" ON "evidence" ("account_id") WHERE "weighed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "identity_verifications_one_open" ON "identity_verifications" ("account_id") WHERE "status" in ('requested', 'submitted', 'failed');--> statement-breakpoint
CREATE UNIQUE INDEX "identity_verifications_one_own" ON "identity_verifications" ("account_id") WHERE "origin" = 'person';--> statement-breakpoint
CREATE INDEX "identity_verifications_by_account" ON "identity_verifications" ("account_id","id");--> statement-breakpoint
CREATE INDEX "identity_verifications_by_case" ON "identity_verifications" ("case_id") WHERE "case_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sharing_signals_once_a_day" ON "sharing_signals" ("account_id","device","place","other_device","other_place","day");--> statement-breakpoint
CREATE INDEX "sharing_signals_by_account" ON "sharing_signals" ("account_id","id");--> statement-breakpoint
ALTER TABLE "anonymisations" ADD CONSTRAINT "anonymisations_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "appeal_messages" ADD CONSTRAINT "appeal_messages_appeal_id_appeals_id_fkey" FOREIGN KEY ("appeal_id") REFERENCES "appeals"("id");--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_action_id_enforcement_actions_id_fkey" FOREIGN KEY ("action_id") REFERENCES "enforcement_actions"("id");--> statement-breakpoint
ALTER TABLE "appeals" ADD CONSTRAINT "appeals_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "enforcement_actions" ADD CONSTRAINT "enforcement_actions_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "enforcement_actions" ADD CONSTRAINT "enforcement_actions_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "enforcement_actions" ADD CONSTRAINT "enforcement_actions_case_id_duplicate_cases_id_fkey" FOREIGN KEY ("case_id") REFERENCES "duplicate_cases"("id");--> statement-breakpoint
ALTER TABLE "enforcement_actions" ADD CONSTRAINT "enforcement_actions_verification" FOREIGN KEY ("verification_id") REFERENCES "identity_verifications"("id");--> statement-breakpoint
ALTER TABLE "duplicate_cases" ADD CONSTRAINT "duplicate_cases_first_account_id_accounts_id_fkey" FOREIGN KEY ("first_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "duplicate_cases" ADD CONSTRAINT "duplicate_cases_second_account_id_accounts_id_fkey" FOREIGN KEY ("second_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "duplicate_exceptions" ADD CONSTRAINT "duplicate_exceptions_first_account_id_accounts_id_fkey" FOREIGN KEY ("first_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "duplicate_exceptions" ADD CONSTRAINT "duplicate_exceptions_second_account_id_accounts_id_fkey" FOREIGN KEY ("second_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "duplicate_proofs" ADD CONSTRAINT "duplicate_proofs_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "identity_verifications" ADD CONSTRAINT "identity_verifications_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "identity_verifications" ADD CONSTRAINT "identity_verifications_case_id_duplicate_cases_id_fkey" FOREIGN KEY ("case_id") REFERENCES "duplicate_cases"("id");--> statement-breakpoint
ALTER TABLE "sharing_signals" ADD CONSTRAINT "sharing_signals_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
UPDATE "accounts" SET "closed_at" = now() WHERE "status" in ('closed', 'anonymised');--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_closed_has_time" CHECK (("status" in ('closed', 'anonymised')) = ("closed_at" is not null));--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_doubt_known" CHECK ("doubt" in ('moved', 'shared'));--> statement-breakpoint
ALTER TABLE "mail_tokens" DROP CONSTRAINT "mail_tokens_purpose_known", ADD CONSTRAINT "mail_tokens_purpose_known" CHECK ("purpose" in ('verify_email', 'verify_address', 'reset_password', 'undo_email_change', 'reactivate'));--> statement-breakpoint
ALTER TABLE "organizations" DROP CONSTRAINT "organizations_status_known", ADD CONSTRAINT "organizations_status_known" CHECK ("status" in ('active', 'closed'));