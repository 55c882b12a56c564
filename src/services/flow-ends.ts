import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { OAuthFlow, type OAuthOutcome } from "../entities/oauth-flow.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { ConnectedAccounts, ProvenLogin } from "./connected-accounts.ts";
import { ConsentRefused } from "./consent-refused.ts";
import { lockIntegration } from "./found-integration.ts";
import { integrationData } from "./integration-events.ts";
import { problemOf } from "./problem.ts";

/** How a person's way through a vendor's page ends. It ends once: whoever comes later is told how, and changes nothing. */
export class FlowEnds {
  constructor(
    private readonly database: Database,
    private readonly connected: ConnectedAccounts,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * With an integration that is live.
   *
   * @throws {IntegrationError} INVALID_INPUT for another account, DUPLICATE, NOT_FOUND when the integration is gone
   */
  connect({ tenantId, id, integrationId }: OAuthFlow, login: ProvenLogin): Promise<OAuthOutcome> {
    return this.database.inTenant(tenantId, async (tx) => {
      const known = await lockIntegration(tx, integrationId);
      const flow = await lockFlow(tx, id);
      if (flow?.outcome) return flow.outcome;
      if (!known || !flow) throw linkIsOver();
      const integration = await this.bringToLife(tx, known, flow, login);
      const outcome = {
        outcome: "CONNECTED" as const,
        integrationId: integration.id,
        code: null,
        message: `${integration.accountName} is connected.`,
        remedy: null,
        providerCode: null,
      };
      await done(tx, flow, outcome);
      return outcome;
    });
  }

  /**
   * With a failure, which is told to the browser, shown on an integration that is not live yet, and in the log.
   *
   * @throws what is no expected failure, once it is stored
   */
  async fail({ tenantId, id, integrationId }: OAuthFlow, error: unknown): Promise<OAuthOutcome> {
    const problem = problemOf(error);
    const { code, message, remedy, providerCode } = problem;
    const outcome: OAuthOutcome = {
      outcome: error instanceof ConsentRefused ? "REFUSED" : "FAILED",
      integrationId,
      code,
      message,
      remedy,
      providerCode,
    };
    const stored = await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      const flow = await lockFlow(tx, id);
      if (!flow || flow.outcome) return flow?.outcome;
      if (integration) {
        if (integration.status === "CONNECTING") {
          const now = this.now();
          Object.assign(integration, { problem, problemSince: integration.problemSince ?? now, updatedAt: now });
          await tx.manager.save(Integration, integration);
        }
        const data = { ...integrationData(integration), problem: { code, message, remedy } };
        const about = { integrationId, subjectId: integrationId, cause: causeOf(flow) };
        this.log.record(tx, { type: "integration.connection_failed", ...about, data });
      }
      await done(tx, flow, outcome);
      return outcome;
    });
    if (!isIntegrationError(error)) throw error;
    return stored ?? outcome;
  }

  private async bringToLife(
    tx: TenantTransaction,
    known: Integration,
    flow: OAuthFlow,
    login: ProvenLogin,
  ): Promise<Integration> {
    const cause = causeOf(flow);
    if (known.status === "CONNECTING") {
      return this.connected.store(tx, { ...known, calendarIds: flow.calendarIds }, login, flow.userId, cause);
    }
    if (known.accountId !== login.account.externalId) {
      throw new IntegrationError(
        "INVALID_INPUT",
        `${login.account.displayName} is another account than ${known.accountName}`,
        { remedy: "Choose the same account, or connect this one as a new integration." },
      );
    }
    await this.connected.renew(tx, known, login, flow.userId, cause);
    return known;
  }
}

/** Locked, after its integration. */
export function lockFlow(tx: TenantTransaction, id: string): Promise<OAuthFlow | null> {
  return tx.manager.findOne(OAuthFlow, { where: { tenantId: tx.tenantId, id }, lock: { mode: "pessimistic_write" } });
}

export function linkIsOver(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "This link is not good any more", {
    remedy: "Go back to where you came from, and connect again.",
  });
}

/** Nothing secret stays, but what was granted for nothing: that is still to be given back. */
async function done(tx: TenantTransaction, { id }: OAuthFlow, outcome: OAuthOutcome): Promise<void> {
  await tx.query(
    `UPDATE oauth_flow SET state = 'DONE', outcome = $2, code_verifier = NULL,
       login = CASE WHEN state = 'RETURNED' AND $3 THEN login END
     WHERE id = $1`,
    [id, JSON.stringify(outcome), outcome.outcome !== "CONNECTED"],
  );
}

function causeOf({ userId, correlationId }: OAuthFlow): Cause {
  return { actor: { kind: "USER", id: userId }, correlationId };
}
