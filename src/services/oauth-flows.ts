import { randomBytes } from "node:crypto";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { OAuthFlow, type OAuthOutcome } from "../entities/oauth-flow.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import { authorizationUrl, exchangeProof } from "../providers/authorization-request.ts";
import { accessTokenHeader, identifyOrigins, type OAuth } from "../providers/oauth.ts";
import type { ProvenIdentity } from "../providers/provider.ts";
import { type Provider, providerWith } from "../providers/registry.ts";
import { loginFlowOf } from "../providers/sign-in.ts";
import type { LinkTokens } from "../security/link-token.ts";
import type { Vault } from "../security/vault.ts";
import { secretOf } from "./access-tokens.ts";
import type { Accounts } from "./accounts.ts";
import { checkCalendarIds, type ProvenLogin } from "./connected-accounts.ts";
import { notEverythingAllowed, refusalOf } from "./consent-refused.ts";
import { type FlowEnds, linkIsOver, lockFlow } from "./flow-ends.ts";
import { lockIntegration, waitsForConsent } from "./found-integration.ts";
import { newId } from "./id.ts";
import type { LoginFlows } from "./login-flows.ts";
import type { OAuthApps } from "./oauth-apps.ts";
import { addRoute, findRoute, hashOf, isHashOf, newToken, removeRoutes } from "./routes.ts";
import type { Viewer } from "./viewer.ts";

/** How long a link may be followed, and how long a person may stay at the consent page. */
const linkMs = 10 * 60 * 1000;

/** A provider that people sign in to at its own consent page. */
type ProviderWithConsent = Pick<Provider, "id" | "name" | "renewal" | "errorCodeIn" | "statusIn" | "withPassword"> & {
  readonly auth: OAuth<ProvenIdentity>;
};

/** Where a browser is sent, and the cookie by which it is known when it comes back; null when it does not. */
export interface ConsentStart {
  readonly location: string;
  readonly cookie: { readonly name: string; readonly value: string; readonly maxAgeSeconds: number } | null;
}

/** What a browser brings back from a consent page (RFC 6749 §4.1.2). */
export interface ConsentReturn {
  readonly state: string | null;
  readonly code: string | null;
  readonly error: string | null;
  /** For developers, says RFC 6749; some vendors say only here what is the matter. */
  readonly errorDescription: string | null;
  /** Everything that it brings, by name: some vendors say more of the account. */
  readonly parameters: Readonly<Record<string, string>>;
  /** By name. */
  readonly cookies: Readonly<Record<string, string>>;
}

/** How it ended, and where the person goes on. */
export interface ConsentEnd extends OAuthOutcome {
  readonly providerName: string;
  /** Null when nobody said where: a page of ours tells it. */
  readonly returnUrl: string | null;
}

/** The way through a vendor's consent page: a link that is good once, a state that is good once, one browser. */
export class OAuthFlows {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly apps: OAuthApps,
    private readonly ends: FlowEnds,
    private readonly logins: LoginFlows,
    private readonly vault: Vault,
    private readonly links: LinkTokens,
    private readonly now: () => Date,
    private readonly publicUrl: string,
  ) {}

  /** @throws {IntegrationError} NOT_CONFIGURED when the operator has to register this service there, and has not */
  requireApp(providerId: string): void {
    if (!loginFlowOf(providerWith(providerId))) this.apps.client(oauthProvider(providerId));
  }

  /**
   * A link for the viewer's browser, good once and for ten minutes.
   *
   * @throws {IntegrationError} NOT_CONFIGURED
   */
  async offer(
    tx: TenantTransaction,
    viewer: Pick<Viewer, "userId">,
    integration: Integration,
    { calendarIds, returnUrl }: { calendarIds: readonly string[] | null; returnUrl: string | null },
    cause: Cause,
  ): Promise<string> {
    this.requireApp(integration.provider);
    const now = this.now();
    const flow = Object.assign(new OAuthFlow(), {
      tenantId: tx.tenantId,
      id: newId(now),
      integrationId: integration.id,
      provider: integration.provider,
      userId: viewer.userId,
      calendarIds: calendarIds ?? (await this.calendarsAskedFor(tx, integration)),
      returnUrl,
      state: "OFFERED" as const,
      browserHash: null,
      codeVerifier: null,
      login: null,
      outcome: null,
      correlationId: cause.correlationId,
      createdAt: now,
      expiresAt: new Date(now.getTime() + linkMs),
    });
    await tx.manager.insert(OAuthFlow, flow);
    const token = newToken();
    await addRoute(tx, { token, kind: "OAUTH_LINK", targetId: flow.id, expiresAt: flow.expiresAt });
    return `${this.publicUrl}/oauth/start/${token}`;
  }

  /** Of an integration that nobody has signed in to yet, by the call that began it. */
  async calendarsAskedFor(
    tx: TenantTransaction,
    { id: integrationId, status }: Integration,
  ): Promise<readonly string[] | null> {
    if (status !== "CONNECTING") return null;
    const where = { tenantId: tx.tenantId, integrationId };
    return (await tx.manager.findOne(OAuthFlow, { where, order: { createdAt: "ASC" } }))?.calendarIds ?? null;
  }

  /**
   * Follows a link that leads a broken integration back to its consent page.
   *
   * @returns where the browser goes next
   * @throws {IntegrationError} NOT_FOUND when the link is too old, or there is nothing to mend any more
   */
  async reconnect(token: string, correlationId: string): Promise<string> {
    const link = await this.links.read(token, this.now());
    if (!link) throw linkIsOver();
    const { tenantId, integrationId, userId } = link;
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      if (!integration || !waitsForConsent(integration)) throw linkIsOver();
      const cause = { actor: { kind: "USER" as const, id: userId }, correlationId };
      return this.offer(tx, { userId }, integration, { calendarIds: null, returnUrl: null }, cause);
    });
  }

  /**
   * Follows a link to the vendor's page.
   *
   * @throws {IntegrationError} NOT_FOUND when it was followed before, or is too old; what the vendor refused
   */
  async start(token: string): Promise<ConsentStart> {
    const route = await findRoute(this.database, "OAUTH_LINK", token, this.now());
    if (!route) throw linkIsOver();
    const { tenantId, targetId: id } = route;
    const loginUrl = await this.logins.start(tenantId, id);
    if (loginUrl !== null) return { location: loginUrl, cookie: null };
    const state = newToken();
    const browser = newToken();
    const codeVerifier = randomBytes(48).toString("base64url");
    const expiresAt = new Date(this.now().getTime() + linkMs);
    const { flow, integration } = await this.database.inTenant(tenantId, async (tx) => {
      const found = await lockFlow(tx, id);
      if (found?.state !== "OFFERED") throw linkIsOver();
      const of = await tx.manager.findOneBy(Integration, { tenantId, id: found.integrationId });
      if (!of) throw linkIsOver();
      await removeRoutes(tx, "OAUTH_LINK", id);
      await addRoute(tx, { token: state, kind: "OAUTH_STATE", targetId: id, expiresAt });
      const sealed = this.vault.seal({ codeVerifier }, { tenantId, integrationId: of.id });
      const started = { state: "STARTED" as const, browserHash: hashOf(browser), codeVerifier: sealed, expiresAt };
      await tx.manager.update(OAuthFlow, { tenantId, id }, started);
      return { flow: found, integration: of };
    });
    const provider = oauthProvider(flow.provider);
    const isReconnect = integration.status !== "CONNECTING";
    const endpoint = this.apps.tokenEndpoint(provider, integration.settings);
    const asked = { ...provider.auth, scopes: this.apps.scopes(provider) };
    return {
      location: authorizationUrl(asked, endpoint, {
        redirectUri: this.redirectUri,
        state,
        codeVerifier,
        loginHint: isReconnect ? integration.accountName : null,
      }),
      cookie: { name: cookieName(id), value: browser, maxAgeSeconds: linkMs / 1000 },
    };
  }

  /**
   * Takes a browser back from the consent page. Coming back a second time tells the first outcome and does nothing.
   *
   * @throws {IntegrationError} NOT_FOUND when the state is nobody's, too old, or another browser's: nothing is told then
   */
  async finish(back: ConsentReturn): Promise<ConsentEnd> {
    const route = back.state ? await findRoute(this.database, "OAUTH_STATE", back.state, this.now()) : null;
    if (!route) throw linkIsOver();
    const { tenantId, targetId: id } = route;
    const flow = await this.take(tenantId, id, back.cookies[cookieName(id)] ?? "");
    const provider = oauthProvider(flow.provider);
    const outcome = flow.outcome ?? (await this.conclude(flow, provider, back));
    return { ...outcome, providerName: provider.name, returnUrl: flow.returnUrl };
  }

  /** The flow, which from now on nobody else can bring to its end. With an outcome when somebody has. */
  private take(tenantId: string, id: string, browser: string): Promise<OAuthFlow> {
    return this.database.inTenant(tenantId, async (tx) => {
      const flow = await lockFlow(tx, id);
      // Whoever brings somebody else's state learns nothing, and does not use it up either.
      if (!flow?.browserHash || !isHashOf(browser, flow.browserHash)) throw linkIsOver();
      if (flow.state === "DONE") return flow;
      if (flow.state !== "STARTED") {
        throw new IntegrationError("CONFLICT", "This consent is being taken already", {
          remedy: "Look at the integration in a moment.",
          retryable: true,
        });
      }
      await tx.manager.update(OAuthFlow, { tenantId, id }, { state: "RETURNED" });
      return flow;
    });
  }

  private async conclude(flow: OAuthFlow, provider: ProviderWithConsent, back: ConsentReturn): Promise<OAuthOutcome> {
    try {
      if (back.error !== null || back.code === null) throw this.refusal(provider, back);
      const login = await this.prove(flow, provider, back.code, back.parameters);
      return await this.ends.connect(flow, login);
    } catch (error) {
      return await this.ends.fail(flow, error);
    }
  }

  private refusal(provider: ProviderWithConsent, { error, errorDescription }: ConsentReturn): IntegrationError {
    const { auth, name } = provider;
    const { authorizationUrl } = this.apps.endpoints(provider, {});
    const app = { clientId: this.apps.client(provider).id, redirectUri: this.redirectUri, authorizationUrl };
    const said = { error: error ?? "", description: errorDescription ?? "" };
    return refusalOf(name, error, auth.explainRefusal?.(said, app));
  }

  /** Exchanges the code, and finds out whose account it is and what may be done with it. */
  private async prove(
    flow: OAuthFlow,
    provider: ProviderWithConsent,
    code: string,
    parameters: ConsentReturn["parameters"],
  ): Promise<ProvenLogin> {
    const { auth } = provider;
    const { settings: known, codeVerifier } = await this.secretsOf(flow);
    const settings = { ...known, ...auth.settingsIn?.(parameters, this.apps.endpoints(provider, known)) };
    const endpoint = this.apps.tokenEndpoint(provider, settings);
    const { redirectUri } = this;
    const granted = await endpoint.exchange(code, exchangeProof(auth, { redirectUri, codeVerifier }));
    const lacking = auth.missingScopes(granted.scopes ?? this.apps.scopes(provider));
    if (lacking.length > 0) throw notEverythingAllowed(provider.name, lacking);
    const endpoints = this.apps.endpoints(provider, settings);
    const fetch = this.accounts.trial(provider)({
      authorization: accessTokenHeader(auth, granted.accessToken),
      origins: identifyOrigins(endpoints),
    });
    const clientId = this.apps.client(provider).id;
    const account = await auth.identify(granted, { clientId, settings, endpoints, fetch, now: this.now() });
    checkCalendarIds(flow.calendarIds, account);
    if (provider.renewal.kind === "refreshToken" && granted.refreshToken === null) {
      throw new IntegrationError("PREREQUISITE_MISSING", `${provider.name} gave no lasting access`, {
        remedy: `Remove this app's access at ${auth.accountUrl}, then connect again.`,
      });
    }
    const login = { signIn: auth.kind, secret: secretOf(granted), expiresInSeconds: granted.expiresInSeconds };
    return { account: { ...account, settings: { ...settings, ...account.settings } }, ...login };
  }

  private secretsOf({ tenantId, id, integrationId }: OAuthFlow) {
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await tx.manager.findOneByOrFail(Integration, { tenantId, id: integrationId });
      const row = await tx.manager.findOne(OAuthFlow, {
        where: { tenantId, id },
        select: { id: true, tenantId: true, codeVerifier: true },
      });
      if (!row?.codeVerifier) throw new Error("A flow came back that was never started");
      const { codeVerifier = "" } = this.vault.open(row.codeVerifier, { tenantId, integrationId });
      return { settings: integration.settings, codeVerifier };
    });
  }

  private get redirectUri(): string {
    return `${this.publicUrl}/oauth/callback`;
  }
}

/** @throws {IntegrationError} UNSUPPORTED_CAPABILITY when people sign in to it another way */
function oauthProvider(id: string): ProviderWithConsent {
  const provider = providerWith(id);
  const { auth } = provider;
  if (auth.kind === "oauth2") return { ...provider, auth };
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${provider.name} has no consent page`);
}

/** One for each flow, so that two tabs do not take each other's. */
function cookieName(flowId: string): string {
  return `oauth-${flowId}`;
}
