import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Route, type RouteKind } from "../entities/route.ts";

/** A token for a link or an address: 256 bits that nobody can guess. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a token, and of who an account is. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** In the same time, whatever the text is. */
export function isHashOf(text: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(hash));
}

/** Makes the way from a token, which is not kept, to something of this tenant. */
export async function addRoute(
  tx: TenantTransaction,
  route: {
    readonly token: string;
    readonly kind: RouteKind;
    readonly targetId: string;
    readonly expiresAt: Date | null;
  },
): Promise<void> {
  const { token, kind, targetId, expiresAt } = route;
  await tx.query(
    `INSERT INTO route (route_key, tenant_id, kind, target_id, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, now())`,
    [hashOf(token), tx.tenantId, kind, targetId, expiresAt],
  );
}

/** The same for a token that is always made alike: where there is a way already, it stays. */
export async function keepRoute(
  tx: TenantTransaction,
  { token, kind, targetId }: { readonly token: string; readonly kind: RouteKind; readonly targetId: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO route (route_key, tenant_id, kind, target_id, expires_at, created_at) VALUES ($1, $2, $3, $4, NULL, now())
     ON CONFLICT (route_key) DO NOTHING`,
    [hashOf(token), tx.tenantId, kind, targetId],
  );
}

export async function removeRoutes(tx: TenantTransaction, kind: RouteKind, targetId: string): Promise<void> {
  await tx.query("DELETE FROM route WHERE kind = $1 AND target_id = $2", [kind, targetId]);
}

/** Whose a token is; null when it is nobody's, or its time is over. */
export async function findRoute(
  database: Database,
  kind: RouteKind,
  token: string,
  now: Date,
): Promise<{ readonly tenantId: string; readonly targetId: string } | null> {
  const [route = null] = await database.lookAsSystem<Pick<Route, "tenantId" | "targetId" | "expiresAt">>(
    (literal) =>
      `SELECT tenant_id AS "tenantId", target_id AS "targetId", expires_at AS "expiresAt"
       FROM route WHERE route_key = ${literal(hashOf(token))} AND kind = ${literal(kind)}`,
  );
  return route && (route.expiresAt === null || route.expiresAt > now) ? route : null;
}

/** What a vendor calls something of ours, in messages that come for all tenants. */
export interface VendorName {
  readonly kind: Extract<RouteKind, "POSTING" | "BOARD_ACCOUNT">;
  readonly provider: string;
  readonly name: string;
}

/** Makes the way from a vendor's name for it to something of this tenant. What has the name already keeps it. */
export async function nameRoute(tx: TenantTransaction, name: VendorName, targetId: string): Promise<void> {
  await tx.query(
    `INSERT INTO route (route_key, tenant_id, kind, target_id, expires_at, created_at) VALUES ($1, $2, $3, $4, NULL, now())
     ON CONFLICT (route_key) DO NOTHING`,
    [nameKey(name), tx.tenantId, name.kind, targetId],
  );
}

/** Whose it is that a vendor calls so; null when it is nobody's. */
export async function findNamed(
  database: Database,
  name: VendorName,
): Promise<{ readonly tenantId: string; readonly targetId: string } | null> {
  return database.asSystem((manager) => manager.findOneBy(Route, { routeKey: nameKey(name), kind: name.kind }));
}

const nameKey = ({ kind, provider, name }: VendorName): string => `${kind}:${provider}:${name}`;

/** Notes that this integration has a vendor's account, for whoever disconnects the same account elsewhere. */
export async function claimAccount(
  tx: TenantTransaction,
  { id, provider, accountId }: { readonly id: string; readonly provider: string; readonly accountId: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO route (route_key, tenant_id, kind, target_id, expires_at, created_at) VALUES ($1, $2, 'ACCOUNT', $3, NULL, now())
     ON CONFLICT (route_key) DO UPDATE SET target_id = excluded.target_id`,
    [`ACCOUNT:${id}`, tx.tenantId, accountTarget(provider, accountId)],
  );
}

export async function releaseAccount(tx: TenantTransaction, integrationId: string): Promise<void> {
  await tx.query("DELETE FROM route WHERE route_key = $1", [`ACCOUNT:${integrationId}`]);
}

/** Whether any integration, of whichever tenant, has this vendor's account. */
export async function isAccountInUse(database: Database, provider: string, accountId: string): Promise<boolean> {
  return database.asSystem((manager) =>
    manager.existsBy(Route, { kind: "ACCOUNT", targetId: accountTarget(provider, accountId) }),
  );
}

/** The same for everybody who has this account, and nobody's name. */
export function accountTarget(provider: string, accountId: string): string {
  return hashOf(JSON.stringify([provider, accountId]));
}
