import type { CalendarProvider } from "../providers/calendar/provider.ts";
import { type CredentialField, inWords } from "../providers/provider.ts";
import { providers } from "../providers/registry.ts";
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

/** A provider as people see it: what it can do and what it needs. */
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly auth: "CREDENTIALS" | "OAUTH2";
  readonly credentialFields: readonly CredentialField[];
  readonly capabilities: readonly Capability[];
  readonly availability: Availability;
  /** Why it is not READY; null when it is. */
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
    const { auth } = provider;
    const missing = auth.kind === "oauth2" ? this.apps.missing({ ...provider, auth }) : null;
    return {
      id: provider.id,
      name: provider.name,
      kind: provider.kind,
      auth: auth.kind === "oauth2" ? "OAUTH2" : "CREDENTIALS",
      credentialFields: provider.auth.fields,
      capabilities: capabilitiesOf(provider),
      availability: missing === null ? "READY" : "NOT_CONFIGURED",
      availabilityReason: missing,
      configured: missing === null,
      tokenRenewal: { kind: provider.renewal.kind, reason: reasonOf(provider.renewal) },
      rateLimits: inWords(provider.limits),
      cost: provider.limits.cost,
      syncFloorSeconds: provider.freshness.floorSeconds,
      syncDefaultSeconds: provider.freshness.defaultSeconds,
      docsUrl: `${this.publicUrl}/docs/providers/${addressName(provider.id)}.md`,
    };
  }
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
