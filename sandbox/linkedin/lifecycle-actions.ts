import * as z from "zod";
import type { TwinReply } from "../twin.ts";
import { parentApp } from "./apps.ts";
import { badRequest, notEntitled, notFound, unprocessable } from "./errors.ts";
import { messageOf, problemsOf } from "./problems.ts";
import { jsonBody, type LinkedInRequest, needMethod } from "./requests.ts";
import type { LinkedInState } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

const actions = ["APPLICATION_VIEWED", "RESUME_DOWNLOADED", "APPLICATION_REJECTED"] as const;
/** A newer page has them; how they are spelled is unverified. */
const newerActions = ["APPLICATION_SCREENED", "APPLICATION_INTERVIEWED", "APPLICATION_HIRED"] as const;

const LifecycleAction = z.strictObject({
  jobApplicationId: z.string().regex(/^urn:li:jobApplication:\d+$/),
  action: z.enum([...actions, ...newerActions]),
  performedAt: z.int().min(0),
  integrationContext: z
    .string()
    .regex(/^urn:li:organization:\d+$/)
    .optional(),
});

/**
 * What becomes of applications, reported back. Members are told what they were not told yet, if the customer wants it.
 * https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/sync-job-application-feedback
 *
 * @throws {LinkedInError}
 */
export function createLifecycleAction(
  request: LinkedInRequest,
  { applications, organizations }: LinkedInState,
  switches: LinkedInSwitches,
): TwinReply {
  const { app, method, headers } = request;
  if (app === parentApp) throw notEntitled(`${method} /jobApplicationLifecycleActions`);
  if (method !== "POST") throw notFound(`${method} /jobApplicationLifecycleActions`);
  needMethod(request, "create");
  if (headers["x-restli-protocol-version"] !== "2.0.0") throw badRequest("X-RestLi-Protocol-Version has to be 2.0.0");
  const read = LifecycleAction.safeParse(jsonBody(request), { reportInput: true });
  if (!read.success) throw unprocessable(messageOf(problemsOf(read.error)));
  const { jobApplicationId, action, performedAt, integrationContext } = read.data;
  const isNewer = newerActions.some((newer) => newer === action);
  if (isNewer && !switches.takesNewerActions) {
    throw unprocessable(messageOf([{ path: "/action", says: "is not an enum symbol" }]));
  }
  const application = applications.get(jobApplicationId);
  if (application?.clientId !== app.clientId) throw notFound(jobApplicationId);
  const { organization } = application;
  if (organization !== null && integrationContext === undefined) {
    const says = "field is required but not found and has no default value";
    throw unprocessable(messageOf([{ path: "/integrationContext", says }]));
  }
  if (integrationContext !== undefined && organization !== integrationContext) throw notEntitled(integrationContext);
  const isKnown = application.actions.some((one) => one.action === action);
  const isTold = !isKnown && organizations.get(organization ?? "")?.notifiesApplicants === true;
  application.actions.push({ action, performedAt, isTold });
  return {
    status: 201,
    headers: { "x-restli-id": `${jobApplicationId.split(":").at(-1)}-${application.actions.length}` },
  };
}
