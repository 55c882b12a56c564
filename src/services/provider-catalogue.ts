import type { CalendarProvider } from "../providers/calendar/provider.ts";
import type { FieldLimits, JobBoardProvider } from "../providers/job-board/provider.ts";
import { type CredentialField, inWords } from "../providers/provider.ts";
import { type Provider, providers } from "../providers/registry.ts";
import { loginFlowOf, type SignIn, signInsOf } from "../providers/sign-in.ts";
import type { TokenRenewal } from "../providers/token-renewal.ts";
import type { BoardMail } from "./board-mail.ts";
import type { OAuthApps } from "./oauth-apps.ts";
import type { Polling } from "./polling.ts";
import type { Viewer } from "./viewer.ts";

export type ProviderKind = Provider["kind"];
export type Availability = "READY" | "NOT_CONFIGURED" | "PARTNER_APPROVAL_REQUIRED" | "UNAVAILABLE";
export type Capability =
  | "READ_EVENTS"
  | "CREATE_EVENTS"
  | "UPDATE_EVENTS"
  | "DELETE_EVENTS"
  | "RESPOND_TO_EVENTS"
  | "FREE_BUSY"
  | "PUSH_CHANGES"
  | "CREATE_CONFERENCES"
  | "SET_REMINDERS"
  | "POST_JOBS"
  | "UPDATE_POSTINGS"
  | "CLOSE_POSTINGS"
  | "REOPEN_POSTINGS"
  | "POST_BY_HAND"
  | "HOST_FEEDS"
  | "READ_POSTING_STATUS"
  | "RECEIVE_APPLICATIONS"
  | "TELL_APPLICATION_STATUS";

export type SignInMethod = "CREDENTIALS" | "OAUTH2" | "LOGIN_FLOW";

/** What becomes of a field of a job at a board. */
export interface JobFieldView {
  readonly name: string;
  /** Null when it is not sent. */
  readonly sentAs: string | null;
  readonly required: boolean;
  /** What the board wants there, or why it is not sent. */
  readonly rule: string | null;
  /** Null where any length is taken. */
  readonly limits: FieldLimits | null;
  /** The values of a choice that the board has a word for; null where it has one for each, or the field is none. */
  readonly options: readonly string[] | null;
}

/** A provider as people see it: what it can do and what it needs. */
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly auth: SignInMethod;
  readonly signInMethods: readonly SignInMethod[];
  readonly credentialFields: readonly CredentialField[];
  readonly capabilities: readonly Capability[];
  /** Of a job board; empty for calendars. */
  readonly jobFields: readonly JobFieldView[];
  /** The board whose jobs it shows, without being told of any; null for others. */
  readonly mirrorOf: string | null;
  readonly availability: Availability;
  /** Why it is not READY, or why people can sign in to it by a form alone; null when nothing is missing. */
  readonly availabilityReason: string | null;
  readonly configured: boolean;
  readonly tokenRenewal: { readonly kind: TokenRenewal["kind"]; readonly reason: string };
  readonly rateLimits: string;
  readonly cost: string;
  readonly syncFloorSeconds: number;
  readonly syncDefaultSeconds: number;
  readonly docsUrl: string;
}

/** The providers this service knows. */
export class ProviderCatalogue {
  constructor(
    private readonly apps: OAuthApps,
    private readonly polling: Polling,
    private readonly mail: Pick<BoardMail, "missing">,
    private readonly publicUrl: string,
  ) {}

  /** Anybody who is signed in may see them. */
  list(_viewer: Viewer, kind: ProviderKind | null): ProviderView[] {
    return providers
      .filter((provider) => kind === null || provider.kind === kind)
      .map((provider) => this.view(provider));
  }

  private view(provider: Provider): ProviderView {
    const { auth, withPassword } = provider;
    const { floorSeconds, defaultSeconds } = this.polling.freshnessOf(provider.id);
    const missing = this.apps.missingOf(provider) ?? this.mailMissing(provider);
    return {
      id: provider.id,
      name: provider.name,
      kind: provider.kind,
      auth: methodNames[auth.kind],
      signInMethods: methodsOf(provider),
      credentialFields: [...this.apps.fields(provider), ...passwordFieldsOf(provider)],
      capabilities: capabilitiesOf(provider),
      jobFields: jobFieldsOf(provider),
      mirrorOf: provider.kind === "JOB_BOARD" ? (provider.mirrorOf ?? null) : null,
      availability: missing === null || withPassword ? "READY" : unavailabilityOf(provider),
      availabilityReason: missing,
      configured: missing === null,
      tokenRenewal: { kind: provider.renewal.kind, reason: reasonsOf(provider) },
      rateLimits: inWords(provider.limits),
      cost: provider.limits.cost,
      syncFloorSeconds: floorSeconds,
      syncDefaultSeconds: defaultSeconds,
      docsUrl: `${this.publicUrl}/docs/providers/${addressName(provider.id)}.md`,
    };
  }

  private mailMissing(provider: Provider): string | null {
    return provider.kind === "JOB_BOARD" ? this.mail.missing(provider) : null;
  }
}

function unavailabilityOf({ partnership, unavailable }: Provider): Availability {
  if (unavailable !== undefined) return "UNAVAILABLE";
  return partnership === undefined ? "NOT_CONFIGURED" : "PARTNER_APPROVAL_REQUIRED";
}

/** As people see it: a form, or the vendor's page. */
const methodNames = {
  credentials: "CREDENTIALS",
  clientCredentials: "CREDENTIALS",
  oauth2: "OAUTH2",
} as const satisfies Record<SignIn, SignInMethod>;

function methodsOf(provider: Provider): readonly SignInMethod[] {
  const methods = signInsOf(provider).map((kind): SignInMethod => methodNames[kind]);
  return loginFlowOf(provider) ? [...methods, "LOGIN_FLOW"] : methods;
}

/** Where people may consent instead, nobody has to enter a password. */
function passwordFieldsOf({ withPassword }: Provider): readonly CredentialField[] {
  return withPassword?.auth.fields.map((field) => ({ ...field, required: false })) ?? [];
}

const ofCalendars = {
  respond: "RESPOND_TO_EVENTS",
  freeBusy: "FREE_BUSY",
  push: "PUSH_CHANGES",
  conferences: "CREATE_CONFERENCES",
  reminders: "SET_REMINDERS",
} as const satisfies Partial<Record<keyof CalendarProvider, Capability>>;

const ofBoards = {
  post: "POST_JOBS",
  update: "UPDATE_POSTINGS",
  close: "CLOSE_POSTINGS",
  reopen: "REOPEN_POSTINGS",
  manual: "POST_BY_HAND",
  feeds: "HOST_FEEDS",
  status: "READ_POSTING_STATUS",
  applications: "RECEIVE_APPLICATIONS",
  dispositions: "TELL_APPLICATION_STATUS",
} as const satisfies Partial<Record<keyof JobBoardProvider, Capability>>;

function jobFieldsOf(provider: Provider): JobFieldView[] {
  if (provider.kind !== "JOB_BOARD") return [];
  return Object.entries(provider.fields).map(([name, place]) => {
    const { limits = null, options = null } = place;
    const demands = { name, limits, options };
    return "notSent" in place
      ? { ...demands, sentAs: null, required: false, rule: place.notSent }
      : { ...demands, sentAs: place.sentAs, required: place.isRequired ?? false, rule: place.rule ?? null };
  });
}

/** What a board can do that gets all open jobs at once. */
const ofBatches = ["POST_JOBS", "UPDATE_POSTINGS", "CLOSE_POSTINGS", "REOPEN_POSTINGS"] as const;

/** Computed from the members that are there. */
function capabilitiesOf(provider: Provider): Capability[] {
  if (provider.kind === "JOB_BOARD") return [...(provider.batch ? ofBatches : []), ...thoseThere(provider, ofBoards)];
  return ["READ_EVENTS", "CREATE_EVENTS", "UPDATE_EVENTS", "DELETE_EVENTS", ...thoseThere(provider, ofCalendars)];
}

function thoseThere<P extends Provider>(provider: P, byMember: Partial<Record<keyof P, Capability>>): Capability[] {
  const members = Object.entries(byMember) as [keyof P, Capability][];
  return members.filter(([member]) => provider[member] !== undefined).map(([, capability]) => capability);
}

/** Of the main way to sign in, and of the other one. */
function reasonsOf({ renewal, withPassword }: Provider): string {
  return [renewal, ...(withPassword ? [withPassword.renewal] : [])].map(reasonOf).join(" ");
}

function reasonOf(renewal: TokenRenewal): string {
  switch (renewal.kind) {
    case "none":
      return renewal.reason;
    case "refreshToken":
      return "The consent is renewed by itself, until its owner takes it back.";
    case "clientCredentials":
      return "The access is asked for again whenever it ends; nobody has to do anything.";
  }
}

/** A provider's name in addresses: `google-calendar`. */
export function addressName(id: string): string {
  return id.toLowerCase().replaceAll("_", "-");
}
