import * as z from "zod";
import { json, type TwinReply } from "../twin.ts";
import { type Apps, parentApp, urnOfApp } from "./apps.ts";
import { badRequest, conflict, notEntitled, notFound, unprocessable } from "./errors.ts";
import { messageOf, problemsOf } from "./problems.ts";
import { isObject, jsonBody, type LinkedInRequest } from "./requests.ts";
import type { StoredApp } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

const fields = {
  name: z.string().min(1).max(50),
  description: z.string(),
  oauth2AuthorizedCallbackUrls: z.array(z.url()),
  validJsSdkDomains: z.array(z.url()),
};
const NewApp = z.strictObject({
  uniqueForeignId: z.string().min(1),
  ...fields,
  description: fields.description.default(""),
  oauth2AuthorizedCallbackUrls: fields.oauth2AuthorizedCallbackUrls.default([]),
  validJsSdkDomains: fields.validJsSdkDomains.default([]),
});
const AppChanges = z.strictObject(fields).partial();

/** How a partner makes applications for its customers. */
export class Provisioning {
  constructor(
    private readonly apps: Apps,
    private readonly all: () => Iterable<StoredApp>,
    private readonly switches: LinkedInSwitches,
  ) {}

  /** @throws {LinkedInError} */
  handle(request: LinkedInRequest): TwinReply {
    if (request.app !== parentApp) throw notEntitled(`${request.method} /provisionedApplications`);
    if (request.key !== "") return this.update(request);
    return request.method === "GET" ? this.find(request) : this.create(request);
  }

  private create(request: LinkedInRequest): TwinReply {
    const given = read(NewApp, jsonBody(request));
    if (this.withForeignId(given.uniqueForeignId)) throw conflict("uniqueForeignId is taken");
    const app = this.apps.add(given);
    const credentials = { client_id: app.clientId, client_secret: app.clientSecret };
    return json(201, { key: urnOfApp(app), credentials });
  }

  private find({ query }: LinkedInRequest): TwinReply {
    if (query.get("q") !== "credentialsByUniqueForeignId") throw badRequest("Parameter q is no finder");
    const app = this.withForeignId(query.get("uniqueForeignId") ?? "");
    return json(200, { elements: app ? [this.shown(app)] : [] });
  }

  private update(request: LinkedInRequest): TwinReply {
    const app = [...this.all()].find((one) => urnOfApp(one) === request.key);
    if (!app) throw notFound(request.key);
    const { patch } = jsonBody(request);
    const changes = isObject(patch) ? patch["$set"] : undefined;
    Object.assign(app, read(AppChanges, changes));
    return { status: 204 };
  }

  private withForeignId(id: string): StoredApp | undefined {
    return [...this.all()].find(({ uniqueForeignId }) => uniqueForeignId === id);
  }

  private shown({ clientId, clientSecret, id, isEnded: _, ...rest }: StoredApp): object {
    const secret = this.switches.lookupShowsSecret && { client_secret: clientSecret };
    return { ...rest, key: `urn:li:developerApplication:${id}`, credentials: { client_id: clientId, ...secret } };
  }
}

/** @throws {LinkedInError} 422 */
function read<T>(shape: z.ZodType<T>, given: unknown): T {
  const parsed = shape.safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw unprocessable(messageOf(problemsOf(parsed.error)));
}
