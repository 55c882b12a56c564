import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { OAuthFlow } from "../entities/oauth-flow.ts";
import { isIntegrationError } from "../errors.ts";
import type { LoginFlow } from "../providers/login-flow.ts";
import type { Credentials, ProvenIdentity } from "../providers/provider.ts";
import { type Provider, providerWith } from "../providers/registry.ts";
import { loginFlowOf } from "../providers/sign-in.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import type { Accounts } from "./accounts.ts";
import { checkCalendarIds } from "./connected-accounts.ts";
import { ConsentRefused } from "./consent-refused.ts";
import { type FlowEnds, linkIsOver, lockFlow } from "./flow-ends.ts";
import { waitsForConsent } from "./found-integration.ts";
import { removeRoutes } from "./routes.ts";

type Secret = Readonly<Record<string, string>>;

/** A provider whose vendor has a page that makes a password for us. */
type ProviderWithLogin = Pick<Provider, "id" | "name" | "errorCodeIn" | "statusIn"> & {
  readonly auth: Credentials<ProvenIdentity> & { readonly loginFlow: LoginFlow };
};

/** Whoever is about to sign in is asked for this often, and less often the longer it takes. */
const firstPollMs = 1000;
const slowestPollMs = 30_000;
const slowerBy = 20;

/**
 * The way through a vendor's page that makes a password for us. No browser comes back from there: the vendor is asked until it
 * answers, and it answers once. So the answer is stored before anything is done with it, and whoever dies in between leaves the
 * rest to the next attempt. Lost is only what came in the moment between answer and storing: then the time runs out, and the
 * person begins again.
 */
export class LoginFlows {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly ends: FlowEnds,
    private readonly vault: Vault,
    private readonly queue: Queue,
    private readonly now: () => Date,
  ) {}

  /**
   * Begins the login that a link leads to, and asks for it from then on.
   *
   * @returns where the browser goes; null when the provider has no such page
   * @throws {IntegrationError} NOT_FOUND when the link was followed before; what the server refused, once it is told
   */
  async start(tenantId: string, id: string): Promise<string | null> {
    const startedAt = this.now();
    const taken = await this.database.inTenant(tenantId, async (tx) => {
      const flow = await lockFlow(tx, id);
      if (flow && !loginFlowOf(providerWith(flow.provider))) return null;
      if (flow?.state !== "OFFERED") throw linkIsOver();
      const provider = providerWithLogin(flow);
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: flow.integrationId });
      if (!integration) throw linkIsOver();
      await removeRoutes(tx, "OAUTH_LINK", id);
      const expiresAt = new Date(startedAt.getTime() + provider.auth.loginFlow.lifetimeSeconds * 1000);
      await tx.manager.update(OAuthFlow, { tenantId, id }, { state: "STARTED", expiresAt });
      return { flow, provider, settings: integration.settings };
    });
    if (taken === null) return null;
    const { flow, provider, settings } = taken;
    try {
      const { loginUrl, ticket } = await provider.auth.loginFlow.start(settings, this.accounts.trial(provider));
      await this.database.inTenant(tenantId, async (tx) => {
        await this.keep(tx, flow, { login: ticket });
        const startAt = new Date(startedAt.getTime() + firstPollMs);
        await this.queue.enqueue(tx, "poll-login", { tenantId, flowId: id }, { key: id, startAt });
      });
      return loginUrl;
    } catch (error) {
      await this.ends.fail(flow, error);
      throw error;
    }
  }

  /**
   * Asks once whether the person has let us in, and goes on from there. Harmless twice, and beside another one: what was
   * stored counts, and a flow ends once.
   *
   * @throws what may pass, to be tried again
   */
  async poll(tenantId: string, id: string, isLast: boolean, signal: AbortSignal): Promise<void> {
    const flow = await this.read(tenantId, id);
    if (!flow?.login) return;
    const provider = providerWithLogin(flow);
    const login = this.vault.open(flow.login, flow);
    if (flow.state === "DONE") return this.giveBack(flow, provider, login, signal);
    let granted = flow.state === "RETURNED" ? login : null;
    try {
      granted ??= await this.ask(flow, provider, login, signal);
      if (granted !== null) await this.conclude(flow, provider, granted, signal);
    } catch (error) {
      const isOver = isLast || (granted === null && this.now() >= flow.expiresAt);
      const mayPass = !isIntegrationError(error) || error.retryable;
      if (signal.aborted || (mayPass && !isOver)) throw error;
      await this.ends.fail(flow, error);
      // Somebody else may have been quicker, and made use of it.
      const ended = await this.read(tenantId, id);
      if (granted && ended?.state === "DONE" && ended.login) await this.giveBack(flow, provider, granted, signal);
    }
  }

  /** @returns what was granted, stored; null when nobody has let us in yet, and the next question is on its way */
  private async ask(
    flow: OAuthFlow,
    provider: ProviderWithLogin,
    ticket: Secret,
    signal: AbortSignal,
  ): Promise<Secret | null> {
    const { tenantId, id } = flow;
    const askedAt = this.now();
    const granted = await provider.auth.loginFlow.poll(ticket, this.accounts.trial(provider, signal));
    if (granted !== null) {
      await this.database.inTenant(tenantId, (tx) => this.keep(tx, flow, { state: "RETURNED", login: granted }));
      return granted;
    }
    if (askedAt >= flow.expiresAt) return this.runOut(flow, provider);
    const waitedMs = askedAt.getTime() - flow.createdAt.getTime();
    const nextMs = Math.min(slowestPollMs, Math.max(firstPollMs, waitedMs / slowerBy));
    const startAt = new Date(Math.min(askedAt.getTime() + nextMs, flow.expiresAt.getTime()));
    await this.queue.enqueueAlone("poll-login", { tenantId, flowId: id }, { key: id, startAt });
    return null;
  }

  /** Where nobody waits for it any more, it goes without a word. */
  private async runOut(flow: OAuthFlow, { name }: ProviderWithLogin): Promise<null> {
    const { tenantId, id, integrationId } = flow;
    const isMissed = await this.database.inTenant(tenantId, async (tx) => {
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: integrationId });
      if (integration && waitsForConsent(integration)) return true;
      await tx.manager.update(OAuthFlow, { tenantId, id }, { state: "DONE", login: null });
      return false;
    });
    if (!isMissed) return null;
    throw new ConsentRefused("PROVIDER_REFUSED", `Nobody let this service in at ${name} in time`, {
      remedy: "Connect again. If you had allowed it, that answer got lost: end the access there first.",
    });
  }

  private async conclude(
    flow: OAuthFlow,
    provider: ProviderWithLogin,
    granted: Secret,
    signal: AbortSignal,
  ): Promise<void> {
    const { auth } = provider;
    const { secret, ...account } = await auth.connect(granted, this.accounts.trial(provider, signal));
    checkCalendarIds(flow.calendarIds, account);
    await this.ends.connect(flow, { account, signIn: auth.kind, secret, expiresInSeconds: null });
  }

  /** Nothing came of what was granted, so nobody shall have it. A server that cannot be asked now keeps nobody waiting. */
  private async giveBack(
    { tenantId, id }: OAuthFlow,
    provider: ProviderWithLogin,
    granted: Secret,
    signal: AbortSignal,
  ): Promise<void> {
    await provider.auth.loginFlow.discard(granted, this.accounts.trial(provider, signal)).catch((error: unknown) => {
      if (!isIntegrationError(error)) throw error;
    });
    await this.database.inTenant(tenantId, (tx) => tx.manager.update(OAuthFlow, { tenantId, id }, { login: null }));
  }

  private async keep(
    tx: TenantTransaction,
    { tenantId, id, integrationId }: OAuthFlow,
    { login, ...changes }: { readonly login: Secret; readonly state?: "RETURNED" },
  ): Promise<void> {
    const sealed = this.vault.seal(login, { tenantId, integrationId });
    await tx.manager.update(OAuthFlow, { tenantId, id, state: "STARTED" }, { ...changes, login: sealed });
  }

  private read(tenantId: string, id: string): Promise<OAuthFlow | null> {
    return this.database.inTenant(tenantId, (tx) =>
      tx.manager
        .createQueryBuilder(OAuthFlow, "flow")
        .addSelect("flow.login")
        .where("flow.tenantId = :tenantId AND flow.id = :id", { tenantId, id })
        .getOne(),
    );
  }
}

function providerWithLogin({ provider: id }: OAuthFlow): ProviderWithLogin {
  const provider = providerWith(id);
  const { auth } = provider;
  if (auth.kind !== "credentials" || !auth.loginFlow) throw new Error(`${id} has no page that makes passwords`);
  return { ...provider, auth: { ...auth, loginFlow: auth.loginFlow } };
}
