import type { CalendarProvider } from "../providers/calendar/provider.ts";
import type { CredentialField, TokenRenewal } from "../providers/provider.ts";
import { providers } from "../providers/registry.ts";
import type { Viewer } from "./viewer.ts";

export type ProviderKind = "CALENDAR" | "JOB_BOARD";
export type Availability = "READY" | "NOT_CONFIGURED" | "PARTNER_APPROVAL_REQUIRED" | "UNAVAILABLE";
export type Capability = "READ_EVENTS" | "CREATE_EVENTS" | "UPDATE_EVENTS" | "DELETE_EVENTS" | "RESPOND_TO_EVENTS";

/** A provider as people see it: what it can do and what it needs. */
export interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderKind;
  readonly auth: "CREDENTIALS";
  readonly credentialFields: readonly CredentialField[];
  readonly capabilities: readonly Capability[];
  readonly availability: Availability;
  /** Why it is not READY; null when it is. */
  readonly availabilityReason: string | null;
  readonly configured: boolean;
  readonly tokenRenewal: TokenRenewal;
  readonly rateLimits: string;
  readonly cost: string;
  readonly syncFloorSeconds: number;
  readonly syncDefaultSeconds: number;
  readonly docsUrl: string;
}

/** The providers this service knows. */
export class ProviderCatalogue {
  constructor(private readonly publicUrl: string) {}

  /** Anybody who is signed in may see them. */
  list(_viewer: Viewer, kind: ProviderKind | null): ProviderView[] {
    return providers
      .filter((provider) => kind === null || provider.kind === kind)
      .map((provider) => this.view(provider));
  }

  private view(provider: CalendarProvider): ProviderView {
    return {
      id: provider.id,
      name: provider.name,
      kind: provider.kind,
      auth: "CREDENTIALS",
      credentialFields: provider.auth.fields,
      capabilities: capabilitiesOf(provider),
      availability: "READY",
      availabilityReason: null,
      configured: true,
      tokenRenewal: provider.renewal,
      rateLimits: provider.limits.description,
      cost: provider.limits.cost,
      syncFloorSeconds: provider.freshness.floorSeconds,
      syncDefaultSeconds: provider.freshness.defaultSeconds,
      docsUrl: `${this.publicUrl}/docs/providers/${provider.id.toLowerCase().replaceAll("_", "-")}.md`,
    };
  }
}

/** Computed from the members that are there. */
function capabilitiesOf(provider: CalendarProvider): Capability[] {
  const always: Capability[] = ["READ_EVENTS", "CREATE_EVENTS", "UPDATE_EVENTS", "DELETE_EVENTS"];
  return provider.respond ? [...always, "RESPOND_TO_EVENTS"] : always;
}
