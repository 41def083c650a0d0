CREATE TABLE "forgotten_events" (
	"one" boolean PRIMARY KEY DEFAULT true,
	"through" bigint NOT NULL,
	CONSTRAINT "forgotten_events_one_row" CHECK ("one")
);
--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "sequence" bigint;--> statement-breakpoint
CREATE UNIQUE INDEX "events_one_sequence" ON "events" ("sequence");--> statement-breakpoint
CREATE INDEX "events_unnumbered" ON "events" ("position") WHERE "sequence" is null;