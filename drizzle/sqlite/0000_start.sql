CREATE TABLE `accounts` (
	`key` text PRIMARY KEY NOT NULL,
	`adapter` text NOT NULL,
	`account` text NOT NULL,
	`paused_until_ms` integer,
	`authorized` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `adapter_states` (
	`account` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`account`, `key`)
);
--> statement-breakpoint
CREATE TABLE `aliases` (
	`address` text PRIMARY KEY NOT NULL,
	`channel` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `aliases_channel` ON `aliases` (`channel`);--> statement-breakpoint
CREATE TABLE `asks` (
	`list_seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`task` text NOT NULL,
	`channel` text NOT NULL,
	`receipt` text NOT NULL,
	`person_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`surfaced_at_ms` integer,
	`until_ms` integer NOT NULL,
	`remind_at_ms` integer,
	`closed_at_ms` integer,
	`free_text` integer NOT NULL,
	`text` text NOT NULL,
	`options` text NOT NULL,
	`answer` text,
	`answered_by` text,
	`reason` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `asks_id_unique` ON `asks` (`id`);--> statement-breakpoint
CREATE INDEX `asks_task` ON `asks` (`task`);--> statement-breakpoint
CREATE INDEX `asks_open` ON `asks` (`channel`) WHERE state = 'open';--> statement-breakpoint
CREATE TABLE `attempts` (
	`receipt` text NOT NULL,
	`n` integer NOT NULL,
	`act` text NOT NULL,
	`channel` text NOT NULL,
	`route` integer NOT NULL,
	`part` integer NOT NULL,
	`owner` text NOT NULL,
	`fence` integer NOT NULL,
	`started_at_ms` integer NOT NULL,
	`finished_at_ms` integer,
	`outcome` text,
	PRIMARY KEY(`receipt`, `n`),
	FOREIGN KEY (`receipt`) REFERENCES `receipts`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `channels` (
	`key` text PRIMARY KEY NOT NULL,
	`address` text NOT NULL,
	`account` text NOT NULL,
	`private` integer NOT NULL,
	`seq` integer NOT NULL,
	`head_due_at_ms` integer NOT NULL,
	`due_at_ms` integer,
	`priority` integer NOT NULL,
	`fence` integer NOT NULL,
	`owner` text,
	`lease_until_ms` integer,
	`confirm_until_ms` integer,
	`audience` text NOT NULL,
	`audience_owner` text,
	`absent_since_ms` integer,
	`last_sent_at_ms` integer,
	`opened_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `channels_due` ON `channels` (`due_at_ms`) WHERE due_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `channels_account` ON `channels` (`account`);--> statement-breakpoint
CREATE INDEX `channels_owner` ON `channels` (`owner`) WHERE owner IS NOT NULL;--> statement-breakpoint
CREATE INDEX `channels_audience_owner` ON `channels` (`audience_owner`) WHERE audience_owner IS NOT NULL;--> statement-breakpoint
CREATE TABLE `counters` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `inbounds` (
	`list_seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`key` text NOT NULL,
	`channel` text NOT NULL,
	`seq` integer NOT NULL,
	`kind` text NOT NULL,
	`became` text NOT NULL,
	`task` text,
	`source` text NOT NULL,
	`received_at_ms` integer NOT NULL,
	`inbound` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbounds_id_unique` ON `inbounds` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `inbounds_key_unique` ON `inbounds` (`key`);--> statement-breakpoint
CREATE INDEX `inbounds_channel` ON `inbounds` (`channel`);--> statement-breakpoint
CREATE INDEX `inbounds_history` ON `inbounds` (`channel`,`seq`) WHERE kind = 'message' AND became <> 'notice';--> statement-breakpoint
CREATE INDEX `inbounds_open` ON `inbounds` (`task`) WHERE became = 'open';--> statement-breakpoint
CREATE INDEX `inbounds_received` ON `inbounds` (`received_at_ms`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`key` text NOT NULL,
	`kind` text NOT NULL,
	`reason` text NOT NULL,
	`count` integer NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL,
	`closed_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_id_unique` ON `incidents` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_key` ON `incidents` (`key`) WHERE closed_at_ms IS NULL;--> statement-breakpoint
CREATE INDEX `incidents_open` ON `incidents` (`seq`) WHERE closed_at_ms IS NULL;--> statement-breakpoint
CREATE INDEX `incidents_closed` ON `incidents` (`closed_at_ms`) WHERE closed_at_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `journal` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` integer NOT NULL,
	`name` text NOT NULL,
	`task_id` text,
	`channel` text,
	`session_id` text,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `journal_task` ON `journal` (`task_id`) WHERE task_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `journal_channel` ON `journal` (`channel`) WHERE channel IS NOT NULL;--> statement-breakpoint
CREATE INDEX `journal_loose` ON `journal` (`at_ms`) WHERE task_id IS NULL;--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `quarantined` (
	`seq` integer PRIMARY KEY NOT NULL,
	`table_name` text NOT NULL,
	`row_id` text NOT NULL,
	`cause` text NOT NULL,
	`row` text NOT NULL,
	`at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `quarantined_at` ON `quarantined` (`at_ms`);--> statement-breakpoint
CREATE TABLE `receipts` (
	`list_seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`state` text NOT NULL,
	`open` integer NOT NULL,
	`listed` integer NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`kind` text NOT NULL,
	`revision` integer NOT NULL,
	`task` text,
	`channel` text NOT NULL,
	`seq` integer NOT NULL,
	`origin_channel` text NOT NULL,
	`origin_seq` integer NOT NULL,
	`place` text,
	`due_at_ms` integer,
	`head_since_ms` integer,
	`opened_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`evidence_due_at_ms` integer,
	`key_valid_until_ms` integer,
	`settled_at_ms` integer,
	`unseen` integer NOT NULL,
	`live` integer NOT NULL,
	`edited_once` integer NOT NULL,
	`route` integer NOT NULL,
	`attempts` integer NOT NULL,
	`tries` integer NOT NULL,
	`deaths` integer NOT NULL,
	`repairs` text NOT NULL,
	`marks` text NOT NULL,
	`reason` text,
	`content` text NOT NULL,
	`parts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `receipts_id_unique` ON `receipts` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `receipts_key` ON `receipts` (`subject_kind`,`subject_id`,`kind`,`revision`);--> statement-breakpoint
CREATE UNIQUE INDEX `receipts_terminal` ON `receipts` (`subject_id`) WHERE kind = 'terminal';--> statement-breakpoint
CREATE INDEX `receipts_line` ON `receipts` (`channel`,`seq`) WHERE place = 'line';--> statement-breakpoint
CREATE INDEX `receipts_dated` ON `receipts` (`channel`,`place`,`due_at_ms`) WHERE due_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `receipts_open` ON `receipts` (`list_seq`) WHERE open = 1;--> statement-breakpoint
CREATE INDEX `receipts_open_channel` ON `receipts` (`channel`,`seq`) WHERE open = 1;--> statement-breakpoint
CREATE INDEX `receipts_open_task` ON `receipts` (`task`) WHERE open = 1;--> statement-breakpoint
CREATE INDEX `receipts_dead` ON `receipts` (`list_seq`) WHERE state = 'dead';--> statement-breakpoint
CREATE INDEX `receipts_superseded` ON `receipts` (`list_seq`) WHERE state = 'superseded';--> statement-breakpoint
CREATE INDEX `receipts_task` ON `receipts` (`task`) WHERE task IS NOT NULL;--> statement-breakpoint
CREATE INDEX `receipts_channel` ON `receipts` (`channel`);--> statement-breakpoint
CREATE INDEX `receipts_origin` ON `receipts` (`origin_channel`,`origin_seq`) WHERE listed = 1;--> statement-breakpoint
CREATE INDEX `receipts_moved` ON `receipts` (`channel`,`seq`) WHERE listed = 1 AND channel <> origin_channel;--> statement-breakpoint
CREATE INDEX `receipts_settled` ON `receipts` (`opened_at_ms`) WHERE open = 0 AND task IS NULL;--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`worker` text NOT NULL,
	`channel` text NOT NULL,
	`person_id` text,
	`resume` text,
	`version` integer NOT NULL,
	`busy` text,
	`queued` integer NOT NULL,
	`ready_at_ms` integer,
	`opened_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_for` ON `sessions` (`worker`,`channel`,`person_id`,`opened_at_ms`);--> statement-breakpoint
CREATE INDEX `sessions_channel` ON `sessions` (`channel`);--> statement-breakpoint
CREATE INDEX `sessions_ready` ON `sessions` (`ready_at_ms`) WHERE ready_at_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `tasks` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`id_tail` text NOT NULL,
	`state` text NOT NULL,
	`open` integer NOT NULL,
	`channel` text NOT NULL,
	`session` text NOT NULL,
	`inbound` text NOT NULL,
	`person_id` text NOT NULL,
	`person_name` text,
	`worker` text NOT NULL,
	`due_at_ms` integer,
	`owner` text,
	`fence` integer NOT NULL,
	`lease_until_ms` integer,
	`accepted_at_ms` integer NOT NULL,
	`started_at_ms` integer,
	`ended_at_ms` integer,
	`contract_state` text NOT NULL,
	`contract` text NOT NULL,
	`deadlines` text NOT NULL,
	`cause` text,
	`live` text,
	`ack_receipt` text,
	`ask` text,
	`apart` integer NOT NULL,
	`retry_of` text,
	`attempt` integer NOT NULL,
	`revision` integer NOT NULL,
	`activity` integer NOT NULL,
	`anchor` text,
	`title` text NOT NULL,
	`text` text NOT NULL,
	`files` text NOT NULL,
	`result` text,
	`error` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_id_unique` ON `tasks` (`id`);--> statement-breakpoint
CREATE INDEX `tasks_tail` ON `tasks` (`id_tail`);--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`due_at_ms`) WHERE due_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `tasks_open` ON `tasks` (`seq`) WHERE open = 1;--> statement-breakpoint
CREATE INDEX `tasks_open_channel` ON `tasks` (`channel`) WHERE open = 1;--> statement-breakpoint
CREATE INDEX `tasks_held` ON `tasks` (`owner`) WHERE open = 1 AND state <> 'queued';--> statement-breakpoint
CREATE INDEX `tasks_queued` ON `tasks` (`session`) WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX `tasks_channel` ON `tasks` (`channel`);--> statement-breakpoint
CREATE INDEX `tasks_person` ON `tasks` (`channel`,`person_id`);--> statement-breakpoint
CREATE INDEX `tasks_inbound` ON `tasks` (`inbound`);--> statement-breakpoint
CREATE INDEX `tasks_ended` ON `tasks` (`ended_at_ms`) WHERE state = 'ended';--> statement-breakpoint
CREATE TABLE `transcripts` (
	`session` text NOT NULL,
	`seq` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`item` text NOT NULL,
	PRIMARY KEY(`session`, `seq`),
	FOREIGN KEY (`session`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `transcripts_at` ON `transcripts` (`at_ms`);