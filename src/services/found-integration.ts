import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import { mayChange, visibleSql } from "./access-policy.ts";
import { isId } from "./id.ts";
import type { Viewer } from "./viewer.ts";

/** @throws {IntegrationError} NOT_FOUND, also for what the viewer may not know of */
export async function findVisible(tx: TenantTransaction, viewer: Viewer, id: string): Promise<Integration> {
  const found = isId(id)
    ? await tx.manager
        .createQueryBuilder(Integration, "integration")
        .where("integration.tenantId = :tenantId AND integration.id = :id", { tenantId: viewer.tenantId, id })
        .andWhere(visibleSql(viewer, "existence"), { viewerId: viewer.userId })
        .getOne()
    : null;
  if (!found) throw notFound();
  return found;
}

/** @throws {IntegrationError} NOT_FOUND, and FORBIDDEN when the viewer may see but not change it */
export async function findChangeable(tx: TenantTransaction, viewer: Viewer, id: string): Promise<Integration> {
  const found = await findVisible(tx, viewer, id);
  requireChangeable(viewer, found);
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
