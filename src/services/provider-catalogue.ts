import type { CalendarProvider } from "../providers/calendar/provider.ts";
import { type CredentialField, inWords } from "../providers/provider.ts";
import { providers } from "../providers/registry.ts";
import { type SignIn, signInsOf } from "../providers/sign-in.ts";
import type { TokenRenewal } from "../providers/token-renewal.ts";
import type { OAuthApps } from "./oauth-apps.ts";
import type { Viewer } from "./viewer.ts";

export type ProviderKind = "CALENDAR" | "JOB_BOARD";
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
  | "SET_REMINDERS";

export type SignInMethod = "CREDENTIALS" | "OAUTH2";

/** A provider as people see it: what it can do and what it needs. */
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly auth: SignInMethod;
  readonly signInMethods: readonly SignInMethod[];
  readonly credentialFields: readonly CredentialField[];
  readonly capabilities: readonly Capability[];
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
    private readonly publicUrl: string,
  ) {}

  /** Anybody who is signed in may see them. */
  list(_viewer: Viewer, kind: ProviderKind | null): ProviderView[] {
    return providers
      .filter((provider) => kind === null || provider.kind === kind)
      .map((provider) => this.view(provider));
  }

  private view(provider: CalendarProvider): ProviderView {
    const { auth, withPassword } = provider;
    const missing = auth.kind === "oauth2" ? this.apps.missing({ ...provider, auth }) : null;
    return {
      id: provider.id,
      name: provider.name,
      kind: provider.kind,
      auth: methodNames[auth.kind],
      signInMethods: signInsOf(provider).map((kind) => methodNames[kind]),
      credentialFields: [...this.apps.fields(provider), ...passwordFieldsOf(provider)],
      capabilities: capabilitiesOf(provider),
      availability: missing === null || withPassword ? "READY" : "NOT_CONFIGURED",
      availabilityReason: missing,
      configured: missing === null,
      tokenRenewal: { kind: provider.renewal.kind, reason: reasonsOf(provider) },
      rateLimits: inWords(provider.limits),
      cost: provider.limits.cost,
      syncFloorSeconds: provider.freshness.floorSeconds,
      syncDefaultSeconds: provider.freshness.defaultSeconds,
      docsUrl: `${this.publicUrl}/docs/providers/${addressName(provider.id)}.md`,
    };
  }
}

const methodNames = { credentials: "CREDENTIALS", oauth2: "OAUTH2" } as const satisfies Record<SignIn, SignInMethod>;

/** Where people may consent instead, nobody has to enter a password. */
function passwordFieldsOf({ withPassword }: CalendarProvider): readonly CredentialField[] {
  return withPassword?.auth.fields.map((field) => ({ ...field, required: false })) ?? [];
}

/** Computed from the members that are there. */
function capabilitiesOf(provider: CalendarProvider): Capability[] {
  const byMember = {
    respond: "RESPOND_TO_EVENTS",
    freeBusy: "FREE_BUSY",
    push: "PUSH_CHANGES",
    conferences: "CREATE_CONFERENCES",
    reminders: "SET_REMINDERS",
  } as const satisfies Partial<Record<keyof CalendarProvider, Capability>>;
  const members = Object.keys(byMember) as (keyof typeof byMember)[];
  const there = members.filter((member) => provider[member] !== undefined).map((member) => byMember[member]);
  return ["READ_EVENTS", "CREATE_EVENTS", "UPDATE_EVENTS", "DELETE_EVENTS", ...there];
}

/** Of the main way to sign in, and of the other one. */
function reasonsOf({ renewal, withPassword }: CalendarProvider): string {
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
