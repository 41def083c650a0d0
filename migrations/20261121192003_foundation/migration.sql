CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY,
	"status" text NOT NULL,
	"first_name" text NOT NULL,
	"last_name" text NOT NULL,
	"country_code" text NOT NULL,
	"intent" text NOT NULL,
	"locale" text NOT NULL,
	"password_hash" text NOT NULL,
	"pepper_id" text NOT NULL,
	"password_stands_alone" boolean NOT NULL,
	"enforcement" text DEFAULT 'none' NOT NULL,
	"enforcement_reason" text,
	"enforcement_remedy" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"activated_at" timestamp(3) with time zone,
	CONSTRAINT "accounts_status_known" CHECK ("status" in ('pending_email', 'active', 'closed', 'anonymised')),
	CONSTRAINT "accounts_intent_known" CHECK ("intent" in ('client', 'freelancer')),
	CONSTRAINT "accounts_enforcement_known" CHECK ("enforcement" in ('none', 'notice', 'warning', 'restricted', 'suspended', 'banned')),
	CONSTRAINT "accounts_active_was_activated" CHECK ("status" = 'pending_email' or "activated_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "emails" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"address" text NOT NULL,
	"canonical" text NOT NULL,
	"canonical_version" smallint NOT NULL,
	"is_primary" boolean NOT NULL,
	"verified_at" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "emails_once_per_account" UNIQUE("account_id","canonical")
);
--> statement-breakpoint
CREATE TABLE "mail_tokens" (
	"id" uuid PRIMARY KEY,
	"purpose" text NOT NULL,
	"token_hash" bytea NOT NULL CONSTRAINT "mail_tokens_one_hash" UNIQUE,
	"key_id" text NOT NULL,
	"account_id" uuid NOT NULL,
	"email_id" uuid NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone,
	CONSTRAINT "mail_tokens_purpose_known" CHECK ("purpose" in ('verify_email', 'verify_address', 'reset_password', 'undo_email_change'))
);
--> statement-breakpoint
CREATE TABLE "audit_anchors" (
	"until" timestamp(3) with time zone PRIMARY KEY,
	"from" timestamp(3) with time zone NOT NULL,
	"rows" bigint NOT NULL,
	"digest" bytea NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_chains" (
	"chain_kind" text,
	"chain_id" uuid,
	"sequence" bigint NOT NULL,
	"hash" bytea NOT NULL,
	CONSTRAINT "audit_chains_pkey" PRIMARY KEY("chain_kind","chain_id")
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" uuid PRIMARY KEY,
	"chain_kind" text NOT NULL,
	"chain_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"resource" text NOT NULL,
	"request_id" text,
	"detail" jsonb NOT NULL,
	"personal_digest" bytea,
	"previous_hash" bytea NOT NULL,
	"hash" bytea NOT NULL,
	CONSTRAINT "audit_events_chain_known" CHECK ("chain_kind" in ('account', 'organization', 'identifier', 'system')),
	CONSTRAINT "audit_events_actor_known" CHECK ("actor_kind" in ('account', 'service', 'operator', 'anonymous', 'system'))
);
--> statement-breakpoint
CREATE TABLE "audit_personal" (
	"event_id" uuid PRIMARY KEY,
	"salt" bytea NOT NULL,
	"values" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid NOT NULL,
	"transaction_id" xid8 DEFAULT pg_current_xact_id() NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"organization_id" uuid,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" uuid PRIMARY KEY,
	"email" text NOT NULL CONSTRAINT "operators_one_email" UNIQUE,
	"secret_hashes" bytea[] NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp(3) with time zone,
	CONSTRAINT "operators_two_secrets" CHECK (cardinality("secret_hashes") between 1 and 2)
);
--> statement-breakpoint
CREATE TABLE "service_clients" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL CONSTRAINT "service_clients_one_name" UNIQUE,
	"scopes" text[] NOT NULL,
	"secret_hashes" bytea[] NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp(3) with time zone,
	CONSTRAINT "service_clients_two_secrets" CHECK (cardinality("secret_hashes") between 1 and 2)
);
--> statement-breakpoint
CREATE TABLE "idempotency_records" (
	"binding" bytea PRIMARY KEY,
	"body_hash" bytea NOT NULL,
	"sealed_answer" bytea NOT NULL,
	"key_id" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_counters" (
	"key" bytea,
	"window_ends_at" timestamp(3) with time zone,
	"used" integer NOT NULL,
	CONSTRAINT "rate_counters_pkey" PRIMARY KEY("key","window_ends_at")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY,
	"kind" text NOT NULL,
	"data" jsonb NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"leased_until" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp(3) with time zone,
	CONSTRAINT "outbox_status_known" CHECK ("status" in ('waiting', 'sent', 'skipped', 'parked'))
);
--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"account_id" uuid,
	"code_hash" bytea,
	"used_at" timestamp(3) with time zone,
	CONSTRAINT "recovery_codes_pkey" PRIMARY KEY("account_id","code_hash")
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"token_hash" bytea PRIMARY KEY,
	"session_id" uuid NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "second_factors" (
	"account_id" uuid PRIMARY KEY,
	"sealed_secret" bytea NOT NULL,
	"key_id" text NOT NULL,
	"confirmed_at" timestamp(3) with time zone,
	"last_step" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY,
	"account_id" uuid NOT NULL,
	"authenticated_at" timestamp(3) with time zone NOT NULL,
	"last_used_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ended_at" timestamp(3) with time zone,
	"end_reason" text,
	"device" text NOT NULL,
	"user_agent" text NOT NULL,
	"place" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sessions_end_has_reason" CHECK (("ended_at" is null) = ("end_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "sign_in_failures" (
	"identifier_hash" bytea PRIMARY KEY,
	"consecutive" integer NOT NULL,
	"recent" integer NOT NULL,
	"window_started_at" timestamp(3) with time zone NOT NULL,
	"paused_until" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY,
	"status" text NOT NULL CONSTRAINT "signing_keys_one_of_each_status" UNIQUE,
	"public_jwk" text NOT NULL,
	"sealed_private_key" bytea NOT NULL,
	"key_id" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"activated_at" timestamp(3) with time zone,
	"retired_at" timestamp(3) with time zone,
	CONSTRAINT "signing_keys_status_known" CHECK ("status" in ('next', 'current', 'previous'))
);
--> statement-breakpoint
CREATE INDEX "accounts_unproven" ON "accounts" ("created_at") WHERE "status" = 'pending_email';--> statement-breakpoint
CREATE UNIQUE INDEX "emails_one_account" ON "emails" ("canonical") WHERE "verified_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "emails_one_primary" ON "emails" ("account_id") WHERE "is_primary";--> statement-breakpoint
CREATE INDEX "emails_by_canonical" ON "emails" ("canonical");--> statement-breakpoint
CREATE UNIQUE INDEX "mail_tokens_one_live_reset" ON "mail_tokens" ("account_id") WHERE "purpose" = 'reset_password' and "used_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "mail_tokens_one_live_proof" ON "mail_tokens" ("email_id") WHERE "purpose" in ('verify_email', 'verify_address') and "used_at" is null;--> statement-breakpoint
CREATE INDEX "mail_tokens_by_account" ON "mail_tokens" ("account_id");--> statement-breakpoint
CREATE INDEX "mail_tokens_by_email" ON "mail_tokens" ("email_id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_events_one_sequence" ON "audit_events" ("chain_kind","chain_id","sequence");--> statement-breakpoint
CREATE INDEX "audit_events_by_time" ON "audit_events" ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "events_one_id" ON "events" ("id");--> statement-breakpoint
CREATE INDEX "idempotency_records_by_end" ON "idempotency_records" ("expires_at");--> statement-breakpoint
CREATE INDEX "rate_counters_by_end" ON "rate_counters" ("window_ends_at");--> statement-breakpoint
CREATE INDEX "outbox_open" ON "outbox" ("created_at") WHERE "status" = 'waiting';--> statement-breakpoint
CREATE INDEX "outbox_parked" ON "outbox" ("created_at") WHERE "status" = 'parked';--> statement-breakpoint
CREATE INDEX "refresh_tokens_by_session" ON "refresh_tokens" ("session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "refresh_tokens_one_live" ON "refresh_tokens" ("session_id") WHERE "used_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_live" ON "sessions" ("account_id","created_at") WHERE "ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_by_account" ON "sessions" ("account_id");--> statement-breakpoint
ALTER TABLE "emails" ADD CONSTRAINT "emails_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "mail_tokens" ADD CONSTRAINT "mail_tokens_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "mail_tokens" ADD CONSTRAINT "mail_tokens_email_id_emails_id_fkey" FOREIGN KEY ("email_id") REFERENCES "emails"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "audit_personal" ADD CONSTRAINT "audit_personal_event_id_audit_events_id_fkey" FOREIGN KEY ("event_id") REFERENCES "audit_events"("id");--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_sessions_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;