import type { Database } from "../database/database.ts";
import { Integration, type Ownership } from "../entities/integration.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { ClientCredentials } from "../providers/client-credentials.ts";
import type { LoginFlow } from "../providers/login-flow.ts";
import type {
  AccountSettings,
  CredentialField,
  Credentials,
  ProvenIdentity,
  ProvenSecret,
  ProviderAuth,
} from "../providers/provider.ts";
import { type Provider, providerOf, providerWith } from "../providers/registry.ts";
import { type SignIn, signInSetting } from "../providers/sign-in.ts";
import type { Accounts } from "./accounts.ts";
import type { ClientAccess } from "./client-access.ts";
import {
  type ConnectedAccounts,
  checkCalendarIds,
  type NewConnection,
  type ProvenLogin,
} from "./connected-accounts.ts";
import { findVisible, lockChangeable } from "./found-integration.ts";
import type { Idempotency } from "./idempotency.ts";
import type { OAuthApps } from "./oauth-apps.ts";
import type { OAuthFlows } from "./oauth-flows.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export interface CredentialValue {
  readonly name: string;
  readonly value: string;
}

export interface ConnectRequest {
  readonly provider: string;
  /** Null for what is usual: a user's own for calendars, the tenant's for job boards. */
  readonly ownership: Ownership | null;
  readonly label: string | null;
  readonly credentials: readonly CredentialValue[];
  /** The vendor's ids of the calendars to mirror; null takes the primary one alone. */
  readonly calendarIds: readonly string[] | null;
  readonly returnUrl: string | null;
}

/** Ways to sign in with a form of ours. */
type FormAuth = Credentials<ProvenIdentity> | ClientCredentials<ProvenIdentity>;

const usualOwnership = { CALENDAR: "USER", JOB_BOARD: "TENANT" } as const satisfies Record<Provider["kind"], Ownership>;

/** An integration, and where a person has to consent before it is live. */
export interface Connected {
  readonly integration: Integration;
  /** Null when nobody has to. */
  readonly authorizationUrl: string | null;
}

/** Connecting an account, and connecting it again. A login is proved before anything of it is stored. */
export class Connecting {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly clientAccess: ClientAccess,
    private readonly connected: ConnectedAccounts,
    private readonly apps: OAuthApps,
    private readonly flows: OAuthFlows,
    private readonly idempotency: Idempotency,
    private readonly allowedReturnOrigins: readonly string[],
  ) {}

  /**
   * Connects an account. Where a provider has both a consent page and a form, credentials choose the form. An account that
   * was disconnected, or whose login was refused, comes back with its id.
   *
   * @throws {IntegrationError} INVALID_INPUT, NOT_CONFIGURED, CREDENTIALS_REJECTED, EGRESS_REFUSED, DUPLICATE when the
   *   account is connected already, and whatever the vendor's server answered
   */
  async connect(
    viewer: Viewer,
    request: ConnectRequest,
    idempotencyKey: string | null,
    cause: Cause,
  ): Promise<Connected> {
    requireScope(viewer, "integrations:write");
    const chosen = chosenWay(request.provider, request.credentials);
    const { id: provider, kind, name, auth } = chosen;
    this.apps.requireAvailable(chosen);
    const values = checkedValues(name, this.apps.fields({ id: provider, auth }), request.credentials);
    this.checkReturnUrl(request.returnUrl);
    const loginFlow = loginFlowFor(auth, values);
    if (auth.kind === "oauth2") this.flows.requireApp(provider);
    const call = { mutation: "connectIntegration", key: idempotencyKey, input: request };
    const id = await this.idempotency.once(viewer, call, async (freshId) => {
      const { label, calendarIds } = request;
      const ownership = request.ownership ?? usualOwnership[kind];
      const ownerId = ownership === "USER" ? viewer.userId : null;
      const connection = { id: freshId, provider, ownership, ownerId, label, calendarIds };
      if (auth.kind === "oauth2") return this.prepare(viewer, connection, values);
      if (!loginFlow) return this.connectNow(viewer, connection, auth, request.credentials, cause);
      return this.prepare(viewer, connection, await this.find(provider, loginFlow, request.credentials));
    });
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await findVisible(tx, viewer, id);
      // A link is good once, so whoever repeats the call gets another one to the same end.
      const isWaiting = (auth.kind === "oauth2" || loginFlow) && integration.status === "CONNECTING";
      const authorizationUrl = isWaiting ? await this.flows.offer(tx, viewer, integration, request, cause) : null;
      return { integration, authorizationUrl };
    });
  }

  /**
   * Gives an integration a new login of the same account, by the same way to sign in or by another one that the provider has. It
   * keeps its id, cursors and history.
   *
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT when it is another account, CREDENTIALS_REJECTED …
   */
  async reconnect(
    viewer: Viewer,
    id: string,
    { credentials, returnUrl }: Pick<ConnectRequest, "credentials" | "returnUrl">,
    cause: Cause,
  ): Promise<Connected> {
    requireScope(viewer, "integrations:write");
    this.checkReturnUrl(returnUrl);
    const known = await this.database.inTenant(viewer.tenantId, (tx) => lockChangeable(tx, viewer, id));
    const chosen = chosenWay(known.provider, credentials);
    const { name, auth, id: provider } = chosen;
    this.apps.requireAvailable(chosen);
    const fields = auth.kind === "oauth2" ? [] : this.apps.fields({ id: provider, auth });
    const loginFlow = loginFlowFor(auth, Object.fromEntries(credentials.map(({ name, value }) => [name, value])));
    // Whose server it is has been known since the account was connected.
    checkedValues(name, loginFlow ? fields.map((field) => ({ ...field, required: false })) : fields, credentials);
    if (auth.kind === "oauth2" || loginFlow) {
      return this.database.inTenant(viewer.tenantId, async (tx) => {
        const integration = await lockChangeable(tx, viewer, id);
        const authorizationUrl = await this.flows.offer(
          tx,
          viewer,
          integration,
          { calendarIds: null, returnUrl },
          cause,
        );
        return { integration, authorizationUrl };
      });
    }
    const login = await this.prove(viewer, { id, provider }, auth, credentials);
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockChangeable(tx, viewer, id);
      if (integration.status === "CONNECTING") {
        // Nobody has consented yet, and now nobody has to.
        const connection = { ...integration, calendarIds: await this.flows.calendarsAskedFor(tx, integration) };
        const stored = await this.connected.store(tx, connection, login, viewer.userId, cause);
        return { integration: stored, authorizationUrl: null };
      }
      requireSameAccount(integration, login);
      await this.connected.renew(tx, integration, login, viewer.userId, cause);
      return { integration, authorizationUrl: null };
    });
  }

  private async connectNow(
    viewer: Viewer,
    connection: NewConnection,
    auth: FormAuth,
    credentials: readonly CredentialValue[],
    cause: Cause,
  ): Promise<string> {
    const login = await this.prove(viewer, connection, auth, credentials);
    checkCalendarIds(connection.calendarIds, login.account);
    const { id } = await this.database.inTenant(viewer.tenantId, (tx) =>
      this.connected.store(tx, connection, login, viewer.userId, cause),
    );
    return id;
  }

  /** The row of an integration that waits for a person's consent. */
  private async prepare(
    viewer: Viewer,
    connection: NewConnection,
    settings: Readonly<Record<string, string>>,
  ): Promise<string> {
    await this.database.inTenant(viewer.tenantId, async (tx) => {
      const row = this.connected.pendingRow(viewer.tenantId, connection, settings);
      // It is there already when this very call crashed before.
      await tx.manager.createQueryBuilder().insert().into(Integration).values(row).orIgnore().execute();
    });
    return connection.id;
  }

  /** What the login proves to be. */
  private async prove(
    { tenantId }: Viewer,
    connection: Pick<NewConnection, "id" | "provider">,
    auth: FormAuth,
    credentials: readonly CredentialValue[],
  ): Promise<ProvenLogin> {
    const { secret, ...account } = await atTheirFields(credentials, () =>
      this.ask(tenantId, connection, auth, credentials),
    );
    return { account, signIn: auth.kind, secret, expiresInSeconds: null };
  }

  /** Where the server is at which a person will sign in. */
  private find(
    providerId: string,
    loginFlow: LoginFlow,
    credentials: readonly CredentialValue[],
  ): Promise<AccountSettings> {
    const provider = providerWith(providerId);
    const values = valuesOf(credentials, this.apps.serverUrl(provider));
    return atTheirFields(credentials, () => loginFlow.find(values, this.accounts.trial(provider)));
  }

  private async ask(
    tenantId: string,
    { id, provider: providerId }: Pick<NewConnection, "id" | "provider">,
    auth: FormAuth,
    credentials: readonly CredentialValue[],
  ): Promise<ProvenIdentity & ProvenSecret> {
    const provider = providerWith(providerId);
    if (auth.kind === "clientCredentials") {
      const known = await this.accounts.ownClient(tenantId, id);
      const clients = this.clientAccess.clients({ ...provider, auth }, { id, tenantId }, known);
      return auth.connect(valuesOf(credentials, null), clients);
    }
    const serverUrl = this.apps.serverUrl({ id: providerId, auth });
    return this.apps.prove({ ...provider, auth }, valuesOf(credentials, serverUrl), this.accounts.trial(provider));
  }

  private checkReturnUrl(returnUrl: string | null): void {
    if (returnUrl === null || this.allowedReturnOrigins.includes(new URL(returnUrl).origin)) return;
    throw new IntegrationError("INVALID_INPUT", "This address is not one people may be sent back to", {
      field: ["input", "returnUrl"],
      remedy: "Add its origin to ALLOWED_RETURN_ORIGINS.",
    });
  }
}

/** @throws {IntegrationError} INVALID_INPUT */
function requireSameAccount({ accountId, accountName }: Integration, { account }: ProvenLogin): void {
  if (account.externalId === accountId) return;
  throw new IntegrationError("INVALID_INPUT", `These credentials belong to another account than ${accountName}`, {
    field: ["input", "credentials"],
    remedy: "Use the same account, or connect this one as a new integration.",
  });
}

/** What was entered; where the server is goes without saying, when that is known. */
function valuesOf(credentials: readonly CredentialValue[], serverUrl: string | null): Record<string, string> {
  const entered = credentials.flatMap(({ name, value }) => (value.trim() === "" ? [] : [[name, value] as const]));
  return { ...(serverUrl !== null && { serverUrl }), ...Object.fromEntries(entered) };
}

/** An adapter names the credential that is wrong or missing; callers hear where they gave it, or should have. */
async function atTheirFields<T>(credentials: readonly CredentialValue[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    const index = credentials.findIndex(({ name }) => name === error.field?.[0]);
    const isOfLogin = error.field !== undefined || error.code === "CREDENTIALS_REJECTED";
    if (!isOfLogin) throw error;
    const field = ["input", "credentials", ...(index < 0 ? [] : [String(index), "value"])];
    throw new IntegrationError(error.code, error.message, { ...error, cause: error, field });
  }
}

/** The vendor's page that fills in what nobody entered; undefined when there is none, or no need of it. */
function loginFlowFor(auth: ProviderAuth<unknown>, values: Readonly<Record<string, string>>): LoginFlow | undefined {
  if (auth.kind !== "credentials") return undefined;
  return auth.loginFlow?.fills.some((field) => values[field]) ? undefined : auth.loginFlow;
}

/** Who gives credentials enters them in a form, where there is one beside the consent page. */
function chosenWay(provider: string, credentials: readonly CredentialValue[]): Provider {
  const signIn: SignIn = credentials.length > 0 ? "credentials" : "oauth2";
  return providerOf({ provider, settings: { [signInSetting]: signIn } });
}

/** Named fields, each at most once, none missing, choices among their options. Values are never repeated in messages. */
function checkedValues(
  providerName: string,
  fields: readonly CredentialField[],
  given: readonly CredentialValue[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, { name: field, value }] of given.entries()) {
    if (!fields.some((known) => known.name === field) || Object.hasOwn(values, field)) {
      const names = fields.map((known) => known.name).join(", ");
      throw new IntegrationError(
        "INVALID_INPUT",
        fields.length > 0
          ? `${providerName} takes each of these once: ${names}`
          : `${providerName} takes no credentials`,
        { field: ["input", "credentials", String(index), "name"] },
      );
    }
    const { options = [], label = field } = fields.find(({ name }) => name === field) ?? {};
    if (options.length > 0 && !options.includes(value)) {
      throw new IntegrationError("INVALID_INPUT", `${label} is one of: ${options.join(", ")}`, {
        field: ["input", "credentials", String(index), "value"],
      });
    }
    values[field] = value;
  }
  for (const field of fields) {
    if (field.required && !values[field.name]) {
      throw new IntegrationError("INVALID_INPUT", `${field.label} is missing`, {
        field: ["input", "credentials"],
        remedy: `Give a credential named ${field.name}.`,
      });
    }
  }
  return values;
}
