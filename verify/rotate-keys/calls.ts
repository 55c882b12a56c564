import { isIntegrationError } from "../../src/errors.ts";
import { requireUsable } from "../../src/services/accounts.ts";
import type { Viewer } from "../../src/services/viewer.ts";
import type { Service } from "../drill/service.ts";
import type { AccountKey } from "../drill/stored-accounts.ts";
import { apiPath, calendarPath } from "./vendor.ts";

/** An account and how its owner signed in. */
export interface UsedAccount extends AccountKey {
  readonly kind: "consent" | "password";
  /** As a provider's id. */
  readonly provider: string;
  /** Who it is at the vendor. */
  readonly accountId: string;
}

/** Calls that have ended, the failed ones included. */
export interface CallsReport {
  readonly used: number;
  readonly repeated: number;
  /** How many of them failed, by what they said. */
  readonly failures: ReadonlyMap<string, number>;
}

const viewer: Viewer = { tenantId: "tenant-1", userId: "ada", scopes: new Set() };

/** One call at the vendor in the account's name, opened as every use case opens it. */
export async function useAccount(service: Service, account: UsedAccount): Promise<void> {
  const { accounts, tokens, provider } = service;
  const { tenantId, integrationId, accountId } = account;
  if (account.kind === "password") {
    const opened = await accounts.open(tenantId, integrationId);
    requireUsable(opened.integration);
    const { principalUrl = "" } = opened.account.settings;
    await welcomed(opened.account.fetch(new URL(calendarPath(accountId), principalUrl)));
    return;
  }
  const authorization = tokens.authorizationOf(tenantId, integrationId);
  const { fetch, apiUrl } = accounts.openWith(provider(account.provider), { settings: {} }, authorization);
  await welcomed(fetch(new URL(apiPath(accountId), apiUrl)));
}

/** A mutation with an idempotency key. @returns what it made, now or the first time */
export function repeatCall({ idempotency }: Service, key: string): Promise<string> {
  const call = { mutation: "drill", key, input: { password: `what ${key} is about` } };
  return idempotency.once(viewer, call, async (id) => id);
}

/** Whether a repeated call is taken for another one: its fingerprint was made with a key that is not in the ring. */
export async function isTakenForAnother(service: Service, key: string): Promise<boolean> {
  try {
    await repeatCall(service, key);
    return false;
  } catch (error) {
    if (isIntegrationError(error, "IDEMPOTENCY_KEY_REUSED")) return true;
    throw error;
  }
}

async function welcomed(reply: Promise<Response>): Promise<void> {
  const { ok, status } = await reply;
  if (!ok) throw new Error(`The vendor answered ${status}`);
}
