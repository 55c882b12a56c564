import type { StoredDelivery } from "../job-boards/courier.ts";
import type { JobElement } from "./job-element.ts";

/** An application at LinkedIn: ours, the parent, or a child that was provisioned for one of our customers. */
export interface StoredApp {
  /** Of `urn:li:developerApplication:{id}`. */
  readonly id: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly uniqueForeignId: string;
  name: string;
  description: string;
  oauth2AuthorizedCallbackUrls: readonly string[];
  validJsSdkDomains: readonly string[];
  /** Its credentials are good no longer. */
  isEnded: boolean;
}

/** A company with a page at LinkedIn: a customer of ours and of theirs. */
export interface StoredOrganization {
  /** `urn:li:organization:{n}` */
  readonly urn: string;
  readonly name: string;
  readonly pageUrl: string;
  /** `urn:li:contract:{n}`: its Recruiter contract. */
  readonly contract: string;
  /** Promoted jobs that the contract has room for. */
  jobSlots: number;
  /** Addresses of those who have a seat in it. */
  seatHolders: readonly string[];
  hasPayForPerformance: boolean;
  /** The customer's administrator has completed the onboarding widget. */
  isOnboarded: boolean;
  /** "Applicant notifications" is ticked there. */
  notifiesApplicants: boolean;
  /** Its jobs still come from a feed or from its site: what comes by the API is not published yet. */
  isMigrating: boolean;
  /** LinkedIn insists that its jobs be promoted. */
  mustPromote: boolean;
}

export type ErrorType = "CUSTOMER_ERROR" | "PARTNER_ERROR" | "LINKEDIN_ERROR";

/** Why a status is as it is. */
export interface StatusDetail {
  readonly errorCode: string | null;
  readonly errorType: ErrorType | null;
  readonly statusMessage: string;
}

export interface StoredTask {
  readonly urn: string;
  readonly clientId: string;
  readonly element: JobElement;
  /** Of `urn:li:jobPosting:{number}`; null for a job that there is not. */
  readonly jobNumber: number | null;
  readonly submittedAt: number;
  polls: number;
  status: "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "PROCESSED";
  errorMessage: string | null;
}

export interface StoredJob {
  readonly clientId: string;
  readonly number: number;
  /** As it was sent last. */
  element: JobElement;
  listing: "LISTED" | "NOT_LISTED" | "IN_PROGRESS";
  listingDetail: StatusDetail | null;
  /** Since when the listing is as it is, in milliseconds. */
  listingSince: number;
  /** How often the listing was read while it was in progress. */
  reads: number;
  /** Taken, and not to be published until the company's migration is over. */
  isHeld: boolean;
  /** For good: by whoever posted it, or by LinkedIn. */
  isClosed: boolean;
  expireAt: number;
  /** Since when it is promoted, in milliseconds; null when it is not. */
  promotedSince: number | null;
  promotionDetail: StatusDetail | null;
  /** Why candidates are sent to the company's own page although they were to apply here. */
  offsite: StatusDetail | null;
  /** Whether an application of it was delivered. */
  hasDelivered: boolean;
}

/** An address that messages go to. */
export interface StoredWebhook {
  readonly url: string;
  /** Whose secret signs. */
  readonly clientId: string;
  /** What it is for; only the children's take applications. */
  readonly type: "EXPORT_JOB_APPLICATION" | EventType;
  /** Null before it was asked for the first time. */
  isVerified: boolean | null;
  failedInARow: number;
  isBlocked: boolean;
  checkedAt: number;
}

export type EventType = "RESYNC_JOBS" | "JOB_STATUS_CHANGE";

export interface DeliveryAttempt {
  /** 599 when nobody answered. */
  readonly status: number;
  readonly errorCode: string | null;
  readonly additionalErrorDetails: string | null;
}

export interface StoredApplication {
  /** `urn:li:jobApplication:{n}` */
  readonly urn: string;
  readonly clientId: string;
  readonly jobNumber: number;
  readonly externalJobPostingId: string;
  readonly organization: string | null;
  readonly candidate: string;
  /** What its receiver said, each time. */
  readonly attempts: DeliveryAttempt[];
  /** What was reported back. */
  readonly actions: { readonly action: string; readonly performedAt: number; readonly isTold: boolean }[];
}

export interface StoredMedia {
  readonly clientId: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly uploadedAt: number;
}

/** A job of a feed: a basic one, applied for at the company's own page. */
export interface FeedJob {
  readonly partnerJobId: string;
  readonly company: string;
  readonly companyId: string;
  readonly title: string;
  readonly description: string;
  readonly applyUrl: string;
  readonly location: string;
}

/** A request to send jobs again. */
export interface StoredResync {
  readonly clientId: string;
  readonly externalJobPostingIds: readonly string[];
  readonly askedAt: number;
  readonly status: number;
}

/** Everything LinkedIn knows: plain data. */
export interface LinkedInState {
  /** The children, by client id. */
  readonly apps: Map<string, StoredApp>;
  readonly accessTokens: Map<string, { readonly clientId: string; expiresAt: number }>;
  /** By URN. */
  readonly organizations: Map<string, StoredOrganization>;
  /** Names of integrations that are switched on, by organization and type. */
  readonly integrations: Map<string, string>;
  /** By URN, in the order they came in. */
  readonly tasks: Map<string, StoredTask>;
  /** By client id and external id. */
  readonly jobs: Map<string, StoredJob>;
  readonly webhooks: Map<string, StoredWebhook>;
  /** By URN. */
  readonly applications: Map<string, StoredApplication>;
  /** By application, where it is one. */
  readonly deliveries: Map<string, StoredDelivery>;
  readonly media: Map<string, StoredMedia>;
  readonly resyncs: StoredResync[];
  /** By the address of their feed. */
  readonly feeds: Map<string, readonly FeedJob[]>;
  /** The latest number that was given to anything. */
  latest: number;
}

export function emptyLinkedInState(): LinkedInState {
  return {
    apps: new Map(),
    accessTokens: new Map(),
    organizations: new Map(),
    integrations: new Map(),
    tasks: new Map(),
    jobs: new Map(),
    webhooks: new Map(),
    applications: new Map(),
    deliveries: new Map(),
    media: new Map(),
    resyncs: [],
    feeds: new Map(),
    latest: 4_100_000_000,
  };
}

export const jobKey = (clientId: string, externalId: string): string => `${clientId} ${externalId}`;
