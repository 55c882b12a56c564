import { FirstTables1795305600000 } from "./1795305600000-first-tables.ts";
import { OauthAndPush1795633200000 } from "./1795633200000-oauth-and-push.ts";
import { UnfollowedSeries1795719600000 } from "./1795719600000-unfollowed-series.ts";
import { PushRenewal1796083200000 } from "./1796083200000-push-renewal.ts";
import { UnsureObjects1796086800000 } from "./1796086800000-unsure-objects.ts";
import { CallLimits1796169600000 } from "./1796169600000-call-limits.ts";
import { Health1796256000000 } from "./1796256000000-health.ts";
import { ServerPauses1796342700000 } from "./1796342700000-server-pauses.ts";
import { LoginFlows1796343000000 } from "./1796343000000-login-flows.ts";
import { Polling1796346000000 } from "./1796346000000-polling.ts";
import { JobPostings1796515200000 } from "./1796515200000-job-postings.ts";
import { JobApplications1796601600000 } from "./1796601600000-job-applications.ts";
import { ApplicationSteps1796688000000 } from "./1796688000000-application-steps.ts";
import { PostingsByHand1796774400000 } from "./1796774400000-postings-by-hand.ts";
import { StandIns1796860800000 } from "./1796860800000-stand-ins.ts";
import { JobBatches1796947200000 } from "./1796947200000-job-batches.ts";
import { JobFeeds1797033600000 } from "./1797033600000-job-feeds.ts";
import { InboundChain1797120000000 } from "./1797120000000-inbound-chain.ts";
import { WebhookEndpoints1797206400000 } from "./1797206400000-webhook-endpoints.ts";
import { MessagesSealed1797292800000 } from "./1797292800000-messages-sealed.ts";

/** Every change of the tables, oldest first. */
export const migrations = [
  FirstTables1795305600000,
  OauthAndPush1795633200000,
  UnfollowedSeries1795719600000,
  PushRenewal1796083200000,
  UnsureObjects1796086800000,
  CallLimits1796169600000,
  Health1796256000000,
  ServerPauses1796342700000,
  LoginFlows1796343000000,
  Polling1796346000000,
  JobPostings1796515200000,
  JobApplications1796601600000,
  ApplicationSteps1796688000000,
  PostingsByHand1796774400000,
  StandIns1796860800000,
  JobBatches1796947200000,
  JobFeeds1797033600000,
  InboundChain1797120000000,
  WebhookEndpoints1797206400000,
  MessagesSealed1797292800000,
] as const;
