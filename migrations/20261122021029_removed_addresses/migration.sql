CREATE TABLE "removed_addresses" (
	"organization_id" uuid,
	"address_hash" bytea,
	"removed_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "removed_addresses_pkey" PRIMARY KEY("organization_id","address_hash")
);
--> statement-breakpoint
ALTER TABLE "join_requests" ADD COLUMN "mail_ids" uuid[] DEFAULT '{}'::uuid[] NOT NULL;--> statement-breakpoint
ALTER TABLE "removed_addresses" ADD CONSTRAINT "removed_addresses_organization_id_organizations_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id");