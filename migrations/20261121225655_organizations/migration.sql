CREATE TABLE "contracts" (
	"id" text PRIMARY KEY,
	"version" bigint NOT NULL,
	"body_hash" bytea NOT NULL,
	"company_id" uuid NOT NULL,
	"team_id" uuid NOT NULL,
	"contact_account_id" uuid NOT NULL,
	"contact_membership_id" uuid,
	"contact_revision" integer DEFAULT 1 NOT NULL,
	"freelancer_account_id" uuid NOT NULL,
	"agency_id" uuid,
	"business_manager_account_id" uuid,
	"status" text NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contracts_status_known" CHECK ("status" in ('active', 'closed')),
	CONSTRAINT "contracts_contact_while_active" CHECK (("status" = 'active') = ("contact_membership_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" text PRIMARY KEY,
	"version" bigint NOT NULL,
	"body_hash" bytea NOT NULL,
	"account_id" uuid NOT NULL,
	"agency_id" uuid,
	"status" text NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proposals_status_known" CHECK ("status" in ('open', 'archived', 'withdrawn', 'closed'))
);
--> statement-breakpoint
CREATE TABLE "ownership_transfers" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"from_account_id" uuid NOT NULL,
	"to_account_id" uuid NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ended_at" timestamp(3) with time zone,
	CONSTRAINT "ownership_transfers_status_known" CHECK ("status" in ('offered', 'accepted', 'declined', 'cancelled', 'expired')),
	CONSTRAINT "ownership_transfers_ended" CHECK (("status" = 'offered') = ("ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "custom_roles" (
	"organization_id" uuid,
	"kind" text DEFAULT 'company' NOT NULL,
	"key" text,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"permissions" text[] NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "custom_roles_pkey" PRIMARY KEY("organization_id","key"),
	CONSTRAINT "custom_roles_company_only" CHECK ("kind" = 'company'),
	CONSTRAINT "custom_roles_key_form" CHECK ("key" ~ '^[a-z][a-z0-9_]{1,39}$'),
	CONSTRAINT "custom_roles_key_free" CHECK ("key" not in ('owner', 'admin', 'finance', 'hiring_manager', 'recruiter', 'member', 'business_manager', 'freelancer')),
	CONSTRAINT "custom_roles_not_owners_own" CHECK (not "permissions" && array['company.close', 'ownership.transfer', 'team.hide'])
);
--> statement-breakpoint
CREATE TABLE "ended_memberships" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"source" text NOT NULL,
	"affiliation" text,
	"reason" text NOT NULL,
	"ended_by_kind" text NOT NULL,
	"ended_by_id" text,
	"joined_at" timestamp(3) with time zone NOT NULL,
	"ended_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ended_memberships_reason_known" CHECK ("reason" in ('left', 'removed'))
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"account_id" uuid NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"source" text NOT NULL,
	"affiliation" text,
	"slots" int8range,
	"ends_when_clear" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"joined_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_one_per_account" UNIQUE("organization_id","account_id"),
	CONSTRAINT "memberships_of_organization" UNIQUE("organization_id","id"),
	CONSTRAINT "memberships_status_known" CHECK ("status" in ('active', 'suspended')),
	CONSTRAINT "memberships_source_known" CHECK ("source" in ('founder', 'invitation', 'join_link', 'domain', 'join_request', 'import')),
	CONSTRAINT "memberships_ends_when_clear_known" CHECK ("ends_when_clear" in ('left', 'removed')),
	CONSTRAINT "memberships_affiliation_in_agencies" CHECK (("kind" = 'agency') = ("affiliation" is not null)),
	CONSTRAINT "memberships_affiliation_known" CHECK ("affiliation" in ('non_exclusive', 'exclusive_pending', 'exclusive')),
	CONSTRAINT "memberships_slots_in_agencies" CHECK ("kind" = 'agency' or "slots" is null),
	CONSTRAINT "memberships_exclusive_has_slots" CHECK ("affiliation" <> 'exclusive' or "slots" is not null),
	CONSTRAINT "memberships_agency_by_invitation" CHECK ("kind" = 'company' or "source" in ('founder', 'invitation')),
	CONSTRAINT "memberships_slots_of_affiliation" CHECK (case when "affiliation" = 'exclusive' then "slots" = '(,)'::int8range
        else not isempty("slots") and not lower_inf("slots") and not upper_inf("slots") end)
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY,
	"kind" text NOT NULL,
	"plan" text DEFAULT 'basic' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"owner_account_id" uuid NOT NULL,
	"default_team_id" uuid NOT NULL,
	"name" text NOT NULL,
	"website" text,
	"country_code" text,
	"logo_url" text,
	"legal_name" text,
	"size" text,
	"vat_number" text,
	"time_zone" text,
	"tagline" text,
	"description" text,
	"skills" text[],
	"require_second_factor" boolean DEFAULT false NOT NULL,
	"enforcement" text DEFAULT 'none' NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp(3) with time zone,
	CONSTRAINT "organizations_of_kind" UNIQUE("id","kind"),
	CONSTRAINT "organizations_kind_known" CHECK ("kind" in ('company', 'agency')),
	CONSTRAINT "organizations_status_known" CHECK ("status" in ('active', 'suspended', 'closed')),
	CONSTRAINT "organizations_closed_has_time" CHECK (("status" = 'closed') = ("closed_at" is not null)),
	CONSTRAINT "organizations_plan_known" CHECK ("plan" in ('basic', 'plus') or ("kind" = 'company' and "plan" in ('business', 'enterprise'))),
	CONSTRAINT "organizations_company_details" CHECK ("kind" = 'company' or ("legal_name" is null and "size" is null and "vat_number" is null and "time_zone" is null)),
	CONSTRAINT "organizations_agency_details" CHECK ("kind" = 'agency' or ("tagline" is null and "description" is null and "skills" is null)),
	CONSTRAINT "organizations_enforcement_known" CHECK ("enforcement" in ('none', 'notice', 'warning', 'restricted', 'suspended', 'banned'))
);
--> statement-breakpoint
CREATE TABLE "role_grants" (
	"organization_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"membership_id" uuid NOT NULL,
	"team_id" uuid,
	"role" text,
	"custom_role" text,
	"granted_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "role_grants_once" UNIQUE NULLS NOT DISTINCT("membership_id","team_id","role","custom_role"),
	CONSTRAINT "role_grants_one_role" CHECK (num_nonnulls("role", "custom_role") = 1),
	CONSTRAINT "role_grants_role_known" CHECK ("role" is null or ("kind" = 'company' and "role" in ('admin', 'finance', 'hiring_manager', 'recruiter', 'member'))
        or ("kind" = 'agency' and "role" in ('admin', 'finance', 'business_manager', 'freelancer'))),
	CONSTRAINT "role_grants_finance_whole" CHECK ("role" <> 'finance' or "team_id" is null)
);
--> statement-breakpoint
CREATE TABLE "team_members" (
	"organization_id" uuid NOT NULL,
	"team_id" uuid,
	"membership_id" uuid,
	"added_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "team_members_pkey" PRIMARY KEY("team_id","membership_id")
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" uuid PRIMARY KEY,
	"organization_id" uuid NOT NULL,
	"name" text NOT NULL,
	"hidden_at" timestamp(3) with time zone,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "teams_of_organization" UNIQUE("organization_id","id")
);
--> statement-breakpoint
CREATE TABLE "freelancer_profiles" (
	"account_id" uuid PRIMARY KEY,
	"status" text DEFAULT 'active' NOT NULL,
	"title" text NOT NULL,
	"overview" text NOT NULL,
	"rate_amount" bigint,
	"rate_currency" text,
	"visibility" text NOT NULL,
	"skills" text[] NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp(3) with time zone,
	CONSTRAINT "freelancer_profiles_status_known" CHECK ("status" in ('active', 'closed')),
	CONSTRAINT "freelancer_profiles_visibility_known" CHECK ("visibility" in ('public', 'marketplace', 'private')),
	CONSTRAINT "freelancer_profiles_rate_whole" CHECK (("rate_amount" is null) = ("rate_currency" is null) and ("rate_amount" is null or "rate_amount" > 0)),
	CONSTRAINT "freelancer_profiles_closed_has_time" CHECK (("status" = 'closed') = ("closed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "specialised_profiles" (
	"account_id" uuid,
	"place" smallint,
	"title" text NOT NULL,
	"overview" text NOT NULL,
	"rate_amount" bigint,
	"rate_currency" text,
	"skills" text[] NOT NULL,
	CONSTRAINT "specialised_profiles_pkey" PRIMARY KEY("account_id","place"),
	CONSTRAINT "specialised_profiles_two" CHECK ("place" in (1, 2)),
	CONSTRAINT "specialised_profiles_rate_whole" CHECK (("rate_amount" is null) = ("rate_currency" is null) and ("rate_amount" is null or "rate_amount" > 0))
);
--> statement-breakpoint
CREATE INDEX "contracts_by_company" ON "contracts" ("company_id","id");--> statement-breakpoint
CREATE INDEX "contracts_by_contact" ON "contracts" ("contact_membership_id") WHERE "status" = 'active';--> statement-breakpoint
CREATE INDEX "contracts_by_team" ON "contracts" ("team_id") WHERE "status" = 'active';--> statement-breakpoint
CREATE INDEX "contracts_by_freelancer" ON "contracts" ("freelancer_account_id") WHERE "status" = 'active';--> statement-breakpoint
CREATE INDEX "contracts_by_agency" ON "contracts" ("agency_id") WHERE "status" = 'active';--> statement-breakpoint
CREATE INDEX "proposals_by_account" ON "proposals" ("account_id") WHERE "status" in ('open', 'archived');--> statement-breakpoint
CREATE INDEX "proposals_by_agency" ON "proposals" ("agency_id") WHERE "status" in ('open', 'archived');--> statement-breakpoint
CREATE UNIQUE INDEX "ownership_transfers_one_open" ON "ownership_transfers" ("organization_id") WHERE "status" = 'offered';--> statement-breakpoint
CREATE INDEX "ownership_transfers_by_target" ON "ownership_transfers" ("to_account_id") WHERE "status" = 'offered';--> statement-breakpoint
CREATE INDEX "ended_memberships_by_organization" ON "ended_memberships" ("organization_id","account_id");--> statement-breakpoint
CREATE INDEX "ended_memberships_by_account" ON "ended_memberships" ("account_id");--> statement-breakpoint
CREATE INDEX "memberships_by_account" ON "memberships" ("account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "organizations_one_owned_agency" ON "organizations" ("owner_account_id") WHERE "kind" = 'agency' and "status" <> 'closed';--> statement-breakpoint
CREATE INDEX "organizations_by_owner" ON "organizations" ("owner_account_id");--> statement-breakpoint
CREATE INDEX "role_grants_by_role" ON "role_grants" ("organization_id","role");--> statement-breakpoint
CREATE INDEX "role_grants_by_custom_role" ON "role_grants" ("organization_id","custom_role") WHERE "custom_role" is not null;--> statement-breakpoint
CREATE INDEX "team_members_by_membership" ON "team_members" ("membership_id");--> statement-breakpoint
CREATE UNIQUE INDEX "teams_one_name" ON "teams" ("organization_id",lower("name"));--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_contact_account_id_accounts_id_fkey" FOREIGN KEY ("contact_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_freelancer_account_id_accounts_id_fkey" FOREIGN KEY ("freelancer_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_agency_id_organizations_id_fkey" FOREIGN KEY ("agency_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_business_manager_account_id_accounts_id_fkey" FOREIGN KEY ("business_manager_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_team" FOREIGN KEY ("company_id","team_id") REFERENCES "teams"("organization_id","id");--> statement-breakpoint
ALTER TABLE "contracts" ADD CONSTRAINT "contracts_contact" FOREIGN KEY ("company_id","contact_membership_id") REFERENCES "memberships"("organization_id","id") ON DELETE RESTRICT;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_agency_id_organizations_id_fkey" FOREIGN KEY ("agency_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "ownership_transfers" ADD CONSTRAINT "ownership_transfers_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "ownership_transfers" ADD CONSTRAINT "ownership_transfers_from_account_id_accounts_id_fkey" FOREIGN KEY ("from_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "ownership_transfers" ADD CONSTRAINT "ownership_transfers_to_account_id_accounts_id_fkey" FOREIGN KEY ("to_account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "custom_roles" ADD CONSTRAINT "custom_roles_company" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "ended_memberships" ADD CONSTRAINT "ended_memberships_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "ended_memberships" ADD CONSTRAINT "ended_memberships_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id");--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_organization" FOREIGN KEY ("organization_id","kind") REFERENCES "organizations"("id","kind");--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_membership" FOREIGN KEY ("organization_id","membership_id") REFERENCES "memberships"("organization_id","id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_team_member" FOREIGN KEY ("team_id","membership_id") REFERENCES "team_members"("team_id","membership_id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_custom_role" FOREIGN KEY ("organization_id","custom_role") REFERENCES "custom_roles"("organization_id","key");--> statement-breakpoint
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_team" FOREIGN KEY ("organization_id","team_id") REFERENCES "teams"("organization_id","id");--> statement-breakpoint
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_membership" FOREIGN KEY ("organization_id","membership_id") REFERENCES "memberships"("organization_id","id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "teams" ADD CONSTRAINT "teams_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");--> statement-breakpoint
ALTER TABLE "freelancer_profiles" ADD CONSTRAINT "freelancer_profiles_account_id_accounts_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "specialised_profiles" ADD CONSTRAINT "specialised_profiles_profile" FOREIGN KEY ("account_id") REFERENCES "freelancer_profiles"("account_id") ON DELETE CASCADE;