import type { Database } from "../database/database.ts";
import type { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import type { AccountFetchFor, AccountGrant } from "../providers/account-fetch.ts";
import type { CalendarProvider } from "../providers/calendar/provider.ts";
import { ownClientIn } from "../providers/client-credentials.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import type { AccountSettings, Credentials, VendorAccount } from "../providers/provider.ts";
import { type Provider, providerOf } from "../providers/registry.ts";
import type { OAuthClient } from "../providers/token-endpoint.ts";
import type { Vault } from "../security/vault.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { backgroundPatienceMs, type CalledAccount } from "./call-gates.ts";
import type { OAuthApps, TokenProvider } from "./oauth-apps.ts";
import { findSealed } from "./sealed-integration.ts";

/** What has to be known of a provider to call its vendor. */
export type CalledProvider = Pick<Provider, "id" | "errorCodeIn" | "statusIn">;

/** Makes the HTTP clients that adapters get; built in `app.ts` on the guarded way out and the gate to it. */
export type OpenFetch = (
  provider: CalledProvider,
  signal: AbortSignal | undefined,
  /** Left out while nobody knows whose account it is. */
  called?: CalledAccount,
) => AccountFetchFor;

export interface OpenAccount<P extends Provider = Provider> {
  readonly integration: Integration;
  readonly provider: P;
  readonly account: VendorAccount;
}
export type OpenCalendarAccount = OpenAccount<CalendarProvider>;
export type OpenBoardAccount = OpenAccount<JobBoardProvider>;

/** An account in whose name a board is mailed to. */
export interface MailedAccount {
  readonly settings: AccountSettings;
  /** Writes the login into a message that has a place for it. */
  fillIn(message: string): string;
}

/** The one door to credentials: services ask for an opened account, and nobody else sees a secret. */
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly tokens: AccessTokens,
    private readonly apps: OAuthApps,
    private readonly openFetch: OpenFetch,
  ) {}

  /**
   * An account ready to be called.
   *
   * @param signal ends every call made with it
   * @param patienceMs how long each call waits until it may be made
   * @throws {IntegrationError} NOT_FOUND when it is not connected
   */
  async open(
    tenantId: string,
    integrationId: string,
    signal?: AbortSignal,
    patienceMs = backgroundPatienceMs,
  ): Promise<OpenAccount> {
    const found = await this.database.inTenant(tenantId, (tx) => findSealed(tx, integrationId));
    if (!found || found.integration.status === "DISCONNECTED") throw notConnected();
    const { integration, sealed } = found;
    const provider = providerOf(integration);
    const { auth } = provider;
    const called = { tenantId, provider: provider.id, accountId: integration.accountId, patienceMs };
    if (auth.kind !== "credentials") {
      const authorization = this.tokens.authorizationOf(tenantId, integrationId, signal);
      return {
        integration,
        provider,
        account: this.openWith({ ...provider, auth }, integration, authorization, signal, called),
      };
    }
    const { settings } = integration;
    const secret = this.vault.open(sealed, { tenantId, integrationId });
    const authorization = this.apps.authorization({ ...provider, auth }, secret);
    const fetch = this.openFetch(provider, signal, called)(grantOf(auth, authorization, settings, secret));
    return { integration, provider, account: { fetch, settings, apiUrl: "" } };
  }

  /** The same of a calendar provider. @throws {IntegrationError} UNSUPPORTED_CAPABILITY when it is of something else */
  async openCalendars(...given: Parameters<Accounts["open"]>): Promise<OpenCalendarAccount> {
    const { provider, ...opened } = await this.open(...given);
    if (provider.kind !== "CALENDAR") throw isNone(provider, "calendars");
    return { ...opened, provider };
  }

  /** The same of a job board. @throws {IntegrationError} UNSUPPORTED_CAPABILITY when it is of something else */
  async openBoard(...given: Parameters<Accounts["open"]>): Promise<OpenBoardAccount> {
    const { provider, ...opened } = await this.open(...given);
    if (provider.kind !== "JOB_BOARD") throw isNone(provider, "job postings");
    return { ...opened, provider };
  }

  /** An account that a board is mailed for: nothing is called in its name. @throws {IntegrationError} NOT_FOUND when it is not connected */
  async mailed(tenantId: string, integrationId: string): Promise<MailedAccount> {
    const found = await this.database.inTenant(tenantId, (tx) => findSealed(tx, integrationId));
    if (!found || found.integration.status === "DISCONNECTED") throw notConnected();
    const { settings } = found.integration;
    const { auth } = providerOf(found.integration);
    const secret = this.vault.open(found.sealed, { tenantId, integrationId });
    const fillIn = auth.kind === "credentials" ? auth.fillIn : undefined;
    return { settings, fillIn: (message) => fillIn?.(message, secret) ?? message };
  }

  /** An account at a vendor's API, with whatever token there is. */
  openWith(
    provider: TokenProvider,
    { settings }: Pick<Integration, "settings">,
    authorization: AccountGrant["authorization"],
    signal?: AbortSignal,
    called?: CalledAccount,
  ): VendorAccount {
    const { apiUrl } = this.apps.addresses(provider, settings);
    const openFetch = this.openFetch(provider, signal, called);
    return { fetch: openFetch({ authorization, origins: [apiUrl] }), settings, apiUrl };
  }

  /** The client of its own by which an account gets tokens; null when it has none, or is not connected yet. */
  async ownClient(tenantId: string, integrationId: string): Promise<OAuthClient | null> {
    const found = await this.database.inTenant(tenantId, (tx) => findSealed(tx, integrationId));
    return found && ownClientIn(this.vault.open(found.sealed, { tenantId, integrationId }));
  }

  /** For a login that is only being tried. */
  trial(provider: CalledProvider, signal?: AbortSignal): AccountFetchFor {
    return this.openFetch(provider, signal);
  }
}

/** @throws {IntegrationError} REAUTHORIZATION_REQUIRED: a login that was refused is not tried again by itself */
export function requireUsable({ status }: Pick<Integration, "status">): void {
  if (status === "NEEDS_REAUTH") throw loginRefused();
}

export function loginRefused(): IntegrationError {
  return new IntegrationError("REAUTHORIZATION_REQUIRED", "The provider refuses the credentials of this integration", {
    remedy: "Connect it again with reconnectIntegration.",
  });
}

/** Where a login goes that people entered. */
export function grantOf(
  auth: Pick<Credentials<unknown>, "origins" | "isOwnOrigin" | "fillIn">,
  authorization: AccountGrant["authorization"],
  settings: AccountSettings,
  secret: Readonly<Record<string, string>>,
): AccountGrant {
  const isOwnOrigin = (origin: URL) => auth.isOwnOrigin?.(origin, settings) ?? false;
  const fillIn = auth.fillIn && ((message: string) => auth.fillIn?.(message, secret) ?? message);
  return { authorization, origins: auth.origins(settings), isOwnOrigin, fillIn };
}

function notConnected(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "There is no connected integration with this id");
}

function isNone({ name }: Provider, what: string): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} has no ${what}`);
}
