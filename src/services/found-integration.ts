import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import { providerOf } from "../providers/registry.ts";
import { loginFlowOf } from "../providers/sign-in.ts";
import { mayChange, visibleSql } from "./access-policy.ts";
import { isId } from "./id.ts";
import type { Viewer } from "./viewer.ts";

/** @throws {IntegrationError} NOT_FOUND, also for what the viewer may not know of */
export async function findVisible(tx: TenantTransaction, viewer: Viewer, id: string): Promise<Integration> {
  return required(isId(id) ? await visibleRow(tx, viewer, id).getOne() : null);
}

/**
 * The same, locked until the transaction ends. Whoever changes an integration, its calendars or its sync runs locks the
 * integration first: nothing is changed from a version that somebody else has changed meanwhile, and nobody waits in a
 * circle.
 */
export async function lockVisible(tx: TenantTransaction, viewer: Viewer, id: string): Promise<Integration> {
  const row = isId(id) ? visibleRow(tx, viewer, id).setLock("pessimistic_write") : null;
  return required(row && (await row.getOne()));
}

/** Locked, to be changed. @throws {IntegrationError} NOT_FOUND, and FORBIDDEN when the viewer may see but not change it */
export async function lockChangeable(tx: TenantTransaction, viewer: Viewer, id: string): Promise<Integration> {
  const found = await lockVisible(tx, viewer, id);
  requireChangeable(viewer, found);
  return found;
}

/** Locked, in the name of the service itself; null when there is none. */
export function lockIntegration(tx: TenantTransaction, id: string): Promise<Integration | null> {
  return tx.manager.findOne(Integration, { where: { tenantId: tx.tenantId, id }, lock: { mode: "pessimistic_write" } });
}

/** Nothing of it works until somebody has signed in at the vendor's page. */
export function waitsForConsent(integration: Integration): boolean {
  const { status } = integration;
  const provider = providerOf(integration);
  const hasPage = provider.auth.kind === "oauth2" || loginFlowOf(provider) !== undefined;
  return hasPage && (status === "CONNECTING" || status === "NEEDS_REAUTH");
}

function visibleRow(tx: TenantTransaction, viewer: Viewer, id: string) {
  return tx.manager
    .createQueryBuilder(Integration, "integration")
    .where("integration.tenantId = :tenantId AND integration.id = :id", { tenantId: viewer.tenantId, id })
    .andWhere(visibleSql(viewer, "existence"), { viewerId: viewer.userId });
}

function required(found: Integration | null): Integration {
  if (!found) throw notFound();
  return found;
}

/** @throws {IntegrationError} FORBIDDEN */
export function requireChangeable(viewer: Viewer, integration: Integration): void {
  if (mayChange(viewer, integration)) return;
  throw new IntegrationError("FORBIDDEN", "Only its owner may change this integration", {
    remedy: "Ask the owner to do it.",
  });
}

export function notFound(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "There is nothing with this id");
}
