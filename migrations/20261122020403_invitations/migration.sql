CREATE TABLE "conversation_invitations" (
	"conversation_id" text,
	"company_id" uuid NOT NULL,
	"invitation_id" uuid,
	"level" text NOT NULL,
	"added_by_account_id" uuid NOT NULL,
	"added_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_invitations_pkey" PRIMARY KEY("conversation_id","invitation_id"),
	CONSTRAINT "conversation_invitations_level_known" CHECK ("level" in ('recruiter', 'hiring_manager', 'full'))
);
--> statement-breakpoint
CREATE TABLE "conversation_participants" (
	"conversation_id" text,
	"company_id" uuid NOT NULL,
	"account_id" uuid,
	"membership_id" uuid,
	"level" text,
	"added_by_account_id" uuid,
	"added_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_participants_pkey" PRIMARY KEY("conversation_id","account_id"),
	CONSTRAINT "conversation_participants_level_known" CHECK ("level" in ('recruiter', 'hiring_manager', 'full')),
	CONSTRAINT "conversation_participants_coworkers_have_level" CHECK (("membership_id" is null) = ("level" is null))
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"id" text PRIMARY KEY,
	"version" bigint NOT NULL,
	"body_hash" bytea NOT NULL,
	"company_id" uuid NOT NULL,
	"kind" text DEFAULT 'company' NOT NULL,
	"team_id" uuid,
	"status" text NOT NULL,
	"participants_revision" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_of_company" UNIQUE("company_id","id"),
	CONSTRAINT "conversations_company_only" CHECK ("kind" = 'company'),
	CONSTRAINT "conversations_status_known" CHECK ("status" in ('open', 'closed'))
);
--> statement-breakpoint
CREATE TABLE "domain_teams" (
	"organization_id" uuid NOT NULL,
	"domain_id" uuid,
	"team_id" uuid,
	CONSTRAINT "domain_teams_pkey" PRIMARY KEY("domain_id","team_id")
);
--> statement-breakpoint
CREATE TABLE "domains" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"kind" text DEFAULT 'company' NOT NULL,
	"domain" text NOT NULL,
	"status" text DEFAULT 'added' NOT NULL,
	"challenge" text NOT NULL,
	"challenge_expires_at" timestamp(3) with time zone NOT NULL,
	"affiliation_proven_at" timestamp(3) with time zone,
	"ownership_proven_at" timestamp(3) with time zone,
	"checked_at" timestamp(3) with time zone,
	"failing_since" timestamp(3) with time zone,
	"paused_at" timestamp(3) with time zone,
	"held_until" timestamp(3) with time zone,
	"contest_until" timestamp(3) with time zone,
	"mode" text DEFAULT 'off' NOT NULL,
	"default_role" text DEFAULT 'recruiter' NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "domains_once_per_company" UNIQUE("organization_id","domain"),
	CONSTRAINT "domains_of_organization" UNIQUE("organization_id","id"),
	CONSTRAINT "domains_company_only" CHECK ("kind" = 'company'),
	CONSTRAINT "domains_status_known" CHECK ("status" in ('added', 'verified', 'lost')),
	CONSTRAINT "domains_form" CHECK ("domain" = lower("domain") and "domain" ~ '^[a-z0-9.-]+$' and "domain" like '%.%'),
	CONSTRAINT "domains_verified_by_proof" CHECK ("status" <> 'verified' or num_nonnulls("affiliation_proven_at", "ownership_proven_at") > 0),
	CONSTRAINT "domains_mode_known" CHECK ("mode" in ('off', 'suggest', 'request', 'automatic')),
	CONSTRAINT "domains_mode_needs_proof" CHECK ("mode" = 'off' or "status" = 'verified'),
	CONSTRAINT "domains_default_role" CHECK ("default_role" in ('recruiter', 'hiring_manager')),
	CONSTRAINT "domains_lost_can_be_contested" CHECK (("status" = 'lost') = ("contest_until" is not null))
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"email" text NOT NULL,
	"canonical" text NOT NULL,
	"canonical_version" smallint NOT NULL,
	"grants" jsonb NOT NULL,
	"message" text,
	"locale" text NOT NULL,
	"affiliation" text,
	"inviter_account_id" uuid NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"token_id" uuid NOT NULL,
	"key_id" text NOT NULL,
	"mailed_token_hash" bytea NOT NULL CONSTRAINT "invitations_one_mailed_token" UNIQUE,
	"copied_token_hash" bytea NOT NULL CONSTRAINT "invitations_one_copied_token" UNIQUE,
	"preference_token_hash" bytea NOT NULL CONSTRAINT "invitations_one_preference_token" UNIQUE,
	"days" smallint NOT NULL,
	"resends" smallint DEFAULT 0 NOT NULL,
	"mail_id" uuid,
	"reminded_at" timestamp(3) with time zone,
	"admins_told_at" timestamp(3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ended_at" timestamp(3) with time zone,
	"accepted_by_account_id" uuid,
	CONSTRAINT "invitations_of_organization" UNIQUE("organization_id","id"),
	CONSTRAINT "invitations_status_known" CHECK ("status" in ('pending', 'accepted', 'declined', 'revoked', 'superseded')),
	CONSTRAINT "invitations_ended" CHECK (("status" = 'pending') = ("ended_at" is null)),
	CONSTRAINT "invitations_accepted_by" CHECK (("status" = 'accepted') = ("accepted_by_account_id" is not null)),
	CONSTRAINT "invitations_life" CHECK ("days" between 1 and 30),
	CONSTRAINT "invitations_affiliation_in_agencies" CHECK (("kind" = 'agency') = ("affiliation" is not null)),
	CONSTRAINT "invitations_affiliation_known" CHECK ("affiliation" in ('non_exclusive', 'exclusive')),
	CONSTRAINT "invitations_message_short" CHECK (char_length("message") between 1 and 500),
	CONSTRAINT "invitations_grants_form" CHECK (jsonb_typeof("grants") = 'array' and not jsonb_path_exists("grants", '$[*] ? (@.role == "owner")'))
);
--> statement-breakpoint
CREATE TABLE "join_link_uses" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"link_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"used_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "join_links" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"kind" text DEFAULT 'company' NOT NULL,
	"token_hash" bytea NOT NULL CONSTRAINT "join_links_one_token" UNIQUE,
	"created_by_account_id" uuid NOT NULL,
	"domains" text[] NOT NULL,
	"max_uses" smallint NOT NULL,
	"uses" smallint DEFAULT 0 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "join_links_of_organization" UNIQUE("organization_id","id"),
	CONSTRAINT "join_links_company_only" CHECK ("kind" = 'company'),
	CONSTRAINT "join_links_max_uses" CHECK ("max_uses" between 1 and 100),
	CONSTRAINT "join_links_uses" CHECK ("uses" between 0 and "max_uses")
);
--> statement-breakpoint
CREATE TABLE "join_requests" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"kind" text DEFAULT 'company' NOT NULL,
	"account_id" uuid NOT NULL,
	"email" text NOT NULL,
	"message" text,
	"status" text DEFAULT 'open' NOT NULL,
	"decided_by_account_id" uuid,
	"reason" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ended_at" timestamp(3) with time zone,
	CONSTRAINT "join_requests_company_only" CHECK ("kind" = 'company'),
	CONSTRAINT "join_requests_status_known" CHECK ("status" in ('open', 'approved', 'refused', 'withdrawn', 'superseded')),
	CONSTRAINT "join_requests_ended" CHECK (("status" = 'open') = ("ended_at" is null)),
	CONSTRAINT "join_requests_decided" CHECK (("status" in ('approved', 'refused')) = ("decided_by_account_id" is not null)),
	CONSTRAINT "join_requests_refused_has_reason" CHECK ("status" <> 'refused' or "reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "silenced_addresses" (
	"address_hash" bytea PRIMARY KEY,
	"key_id" text NOT NULL,
	"silenced_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "emails_by_domain" ON "emails" (split_part("canonical", '@', 2)) WHERE "verified_at" is not null;--> statement-breakpoint
CREATE INDEX "conversation_invitations_by_invitation" ON "conversation_invitations" ("invitation_id");--> statement-breakpoint
CREATE INDEX "conversation_participants_by_membership" ON "conversation_participants" ("membership_id");--> statement-breakpoint
CREATE INDEX "conversation_participants_by_account" ON "conversation_participants" ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "domains_one_company" ON "domains" ("domain") WHERE "status" = 'verified';--> statement-breakpoint
CREATE INDEX "domains_lost" ON "domains" ("domain") WHERE "status" = 'lost';--> statement-breakpoint
CREATE INDEX "domains_to_check" ON "domains" ("checked_at") WHERE "status" = 'verified';--> statement-breakpoint
CREATE UNIQUE INDEX "invitations_one_pending" ON "invitations" ("organization_id","canonical") WHERE "status" = 'pending';--> statement-breakpoint
CREATE INDEX "invitations_by_inviter" ON "invitations" ("organization_id","inviter_account_id","id");--> statement-breakpoint
CREATE INDEX "invitations_by_address" ON "invitations" ("canonical") WHERE "status" = 'pending';--> statement-breakpoint
CREATE INDEX "invitations_open" ON "invitations" ("expires_at") WHERE "status" = 'pending';--> statement-breakpoint
CREATE INDEX "join_link_uses_by_link" ON "join_link_uses" ("link_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "join_requests_one_open" ON "join_requests" ("organization_id","account_id") WHERE "status" = 'open';--> statement-breakpoint
CREATE INDEX "join_requests_by_organization" ON "join_requests" ("organization_id","id");--> statement-breakpoint
CREATE INDEX "join_requests_by_account" ON "join_requests" ("account_id","id");--> statement-breakpoint
ALTER TABLE "conversation_invitations" ADD CONSTRAINT "conversation_invitations_added_by_account_id_accounts_id_fkey" FOREIGN KEY ("added_by_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "conversation_invitations" ADD CONSTRAINT "conversation_invitations_conversation" FOREIGN KEY ("company_id","conversation_id") REFERENCES "conversations"("company_id","id");--> statement-breakpoint
ALTER TABLE "conversation_invitations" ADD CONSTRAINT "conversation_invitations_invitation" FOREIGN KEY ("company_id","invitation_id") REFERENCES "invitations"("organization_id","id");--> statement-breakpoint
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_added_by_account_id_accounts_id_fkey" FOREIGN KEY ("added_by_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_conversation" FOREIGN KEY ("company_id","conversation_id") REFERENCES "conversations"("company_id","id");--> statement-breakpoint
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_membership" FOREIGN KEY ("company_id","membership_id") REFERENCES "memberships"("organization_id","id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_company" FOREIGN KEY ("company_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_team" FOREIGN KEY ("company_id","team_id") REFERENCES "teams"("organization_id","id");--> statement-breakpoint
ALTER TABLE "domain_teams" ADD CONSTRAINT "domain_teams_domain" FOREIGN KEY ("organization_id","domain_id") REFERENCES "domains"("organization_id","id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "domain_teams" ADD CONSTRAINT "domain_teams_team" FOREIGN KEY ("organization_id","team_id") REFERENCES "teams"("organization_id","id");--> statement-breakpoint
ALTER TABLE "domains" ADD CONSTRAINT "domains_company" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_inviter_account_id_accounts_id_fkey" FOREIGN KEY ("inviter_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_accepted_by_account_id_accounts_id_fkey" FOREIGN KEY ("accepted_by_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "join_link_uses" ADD CONSTRAINT "join_link_uses_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "join_link_uses" ADD CONSTRAINT "join_link_uses_link" FOREIGN KEY ("organization_id","link_id") REFERENCES "join_links"("organization_id","id");--> statement-breakpoint
ALTER TABLE "join_links" ADD CONSTRAINT "join_links_created_by_account_id_accounts_id_fkey" FOREIGN KEY ("created_by_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "join_links" ADD CONSTRAINT "join_links_company" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_decided_by_account_id_accounts_id_fkey" FOREIGN KEY ("decided_by_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_company" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");