ALTER TABLE "sharing_signals" ADD COLUMN "confirmed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "sharing_signals" ADD COLUMN "told_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "sharing_signals" ADD CONSTRAINT "sharing_signals_pair_in_order" CHECK ("device" collate "C" < "other_device" collate "C");--> statement-breakpoint
ALTER TABLE "sharing_signals" ADD CONSTRAINT "sharing_signals_two_places" CHECK ("place" <> "other_place");