import { json, type TwinReply } from "../twin.ts";
import { parentApp } from "./apps.ts";
import { badRequest, notEntitled } from "./errors.ts";
import { type BatchReply, emptyBatch, isObject, jsonBody, type LinkedInRequest, needMethod } from "./requests.ts";
import type { LinkedInState } from "./state.ts";

export type IntegrationType = "APPLY_CONNECT" | "PREMIUM_JOB_POSTING";

const names = ["integrationContext", "integrationType", "tenantType", "dataProvider"];

/** One customer's use of one of LinkedIn's products. */
interface IntegrationKey {
  /** As the request wrote it, without `ids[0].`. */
  readonly text: string;
  readonly parts: ReadonlyMap<string, string>;
}

/** `/v2/atsIntegrations`: what is switched on for which customer. */
export class Integrations {
  constructor(private readonly state: LinkedInState) {}

  isOn(organization: string | null, type: IntegrationType): boolean {
    return organization !== null && this.state.integrations.has(`${organization} ${type}`);
  }

  /** What the API does, without a token. */
  switchOn(organization: string, type: IntegrationType): void {
    this.state.integrations.set(`${organization} ${type}`, type);
  }

  /** @throws {LinkedInError} */
  handle(request: LinkedInRequest): TwinReply {
    if (request.app !== parentApp) throw notEntitled(`${request.method} /atsIntegrations`);
    const keys = keysIn(request.query);
    if (request.method === "GET") return json(200, this.shown(keys));
    needMethod(request, "batch_partial_update");
    const { entities } = jsonBody(request);
    return json(200, this.patched(keys, isObject(entities) ? entities : {}));
  }

  private shown(keys: readonly IntegrationKey[]): BatchReply {
    const reply = emptyBatch();
    for (const { text, parts } of keys) {
      const integrationName = this.state.integrations.get(storedAs(parts));
      if (integrationName === undefined) reply.errors[text] = { status: 404, message: "Integration does not exist" };
      else reply.results[text] = { ...Object.fromEntries(parts), integrationName };
    }
    return reply;
  }

  private patched(keys: readonly IntegrationKey[], entities: Readonly<Record<string, unknown>>): BatchReply {
    const reply = emptyBatch();
    for (const { text, parts } of keys) {
      const name = nameIn(Object.entries(entities).find(([key]) => isSame(partsOf(key), parts))?.[1]);
      if (name === null) throw badRequest(`There is no patch.$set.integrationName for ${text}`);
      if (this.state.organizations.get(parts.get("integrationContext") ?? "")?.isOnboarded !== true) {
        reply.errors[text] = { status: 403, message: "The customer has not completed the onboarding" };
        continue;
      }
      this.state.integrations.set(storedAs(parts), name);
      reply.results[text] = { status: 204 };
    }
    return reply;
  }
}

const storedAs = (parts: ReadonlyMap<string, string>): string =>
  `${parts.get("integrationContext")} ${parts.get("integrationType")}`;

/** `ids[0].integrationContext=…&ids[0].integrationType=…` @throws {LinkedInError} 400 */
function keysIn(query: URLSearchParams): readonly IntegrationKey[] {
  const keys = new Map<string, Map<string, string>>();
  for (const [name, value] of query) {
    const [, index = "", part = ""] = /^ids\[(\d+)\]\.(\w+)$/.exec(name) ?? [];
    if (!names.includes(part)) throw badRequest(`Parameter ${name} is not known`);
    keys.set(index, (keys.get(index) ?? new Map<string, string>()).set(part, value));
  }
  if (keys.size === 0) throw badRequest("Parameter ids is missing");
  return [...keys.values()].map((parts) => {
    const isWhole =
      names.every((name) => parts.has(name)) &&
      ["APPLY_CONNECT", "PREMIUM_JOB_POSTING"].includes(parts.get("integrationType") ?? "") &&
      parts.get("tenantType") === "JOBS" &&
      parts.get("dataProvider") === "ATS";
    if (!isWhole) throw badRequest("Parameter ids is not a whole key");
    return { text: new URLSearchParams([...parts]).toString(), parts };
  });
}

/** Of a key in a body, with `ids[0].` in front of its parts or without. */
function partsOf(key: string): ReadonlyMap<string, string> {
  return new Map([...new URLSearchParams(key)].map(([name, value]) => [name.replace(/^ids\[\d+\]\./, ""), value]));
}

function isSame(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  return some.size === others.size && [...some].every(([name, value]) => others.get(name) === value);
}

function nameIn(entity: unknown): string | null {
  const patch = isObject(entity) ? entity["patch"] : null;
  const set = isObject(patch) ? patch["$set"] : null;
  const name = isObject(set) ? set["integrationName"] : null;
  return typeof name === "string" && name !== "" ? name : null;
}
