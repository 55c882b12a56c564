/** Every table, as TypeORM sees it. */
export { Calendar } from "./calendar.ts";
export { CalendarEvent } from "./calendar-event.ts";
export { CalendarOccurrence } from "./calendar-occurrence.ts";
export { Credential } from "./credential.ts";
export { Event } from "./event.ts";
export { EventHead } from "./event-head.ts";
export { IdempotencyKey } from "./idempotency-key.ts";
export { InboundDelivery } from "./inbound-delivery.ts";
export { Integration } from "./integration.ts";
export { JobPosting } from "./job-posting.ts";
export { JobPostingVersion } from "./job-posting-version.ts";
export { OAuthFlow } from "./oauth-flow.ts";
export { PushChannel } from "./push-channel.ts";
export { Route } from "./route.ts";
export { SyncRun } from "./sync-run.ts";
export { Tenant } from "./tenant.ts";
