ALTER TABLE "duplicate_proofs" ADD COLUMN "session_id" uuid;--> statement-breakpoint
ALTER TABLE "identity_verifications" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "duplicate_proofs_by_session" ON "duplicate_proofs" ("session_id");--> statement-breakpoint
ALTER TABLE "duplicate_proofs" ADD CONSTRAINT "duplicate_proofs_session_id_sessions_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE;