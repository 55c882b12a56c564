import { IntegrationError } from "../errors.ts";

export const scopes = [
  "integrations:read",
  "integrations:write",
  "calendar:read",
  "calendar:write",
  "jobs:read",
  "jobs:write",
  "jobs:approve",
  "applications:read",
  "applications:write",
  "applications:read-eeo",
  "webhooks:manage",
  "events:read",
  "tenant:admin",
] as const;

export type Scope = (typeof scopes)[number];

/** Who asks. Comes first in every use case; nothing about it is ambient. */
export interface Viewer {
  readonly tenantId: string;
  readonly userId: string;
  /** Those of {@link scopes} that the caller's token carries, and any others it may have. */
  readonly scopes: ReadonlySet<string>;
}

/** The caller's token lacks a scope. Told at the door, never among a mutation's user errors. */
export class MissingScope extends IntegrationError {
  constructor(readonly scope: Scope) {
    super("FORBIDDEN", `This needs the scope ${scope}`, { remedy: `Ask for a token with the scope ${scope}.` });
  }
}

/** @throws {MissingScope} */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (!viewer.scopes.has(scope)) throw new MissingScope(scope);
}
