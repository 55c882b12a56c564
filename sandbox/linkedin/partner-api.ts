import type { TwinReply, TwinRequest } from "../twin.ts";
import type { Apps } from "./apps.ts";
import { errorReply, LinkedInError, notFound, tooLong, versionMissing, versionUnknown } from "./errors.ts";
import type { Integrations } from "./integrations.ts";
import { JobRoutes } from "./job-routes.ts";
import type { Jobs } from "./jobs.ts";
import { createLifecycleAction } from "./lifecycle-actions.ts";
import { downloadMedia } from "./media.ts";
import { Provisioning } from "./provisioning.ts";
import type { LinkedInRequest } from "./requests.ts";
import type { LinkedInState } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";
import type { Tasks } from "./tasks.ts";
import { Throttle } from "./throttle.ts";

const kilobyte = 1024;

interface PartnerApiOptions {
  readonly now: () => Date;
  readonly state: LinkedInState;
  readonly switches: LinkedInSwitches;
  readonly apps: Apps;
  readonly jobs: Jobs;
  readonly tasks: Tasks;
  readonly integrations: Integrations;
  /** Where people look at jobs, without a slash at the end. */
  readonly site: () => string;
}

/** What partners call with a token: below `/rest` with a version, below `/v2` without, and the host of files. */
export class PartnerApi {
  private readonly provisioning: Provisioning;
  private readonly jobRoutes: JobRoutes;

  constructor(private readonly options: PartnerApiOptions) {
    const { now, apps, state, switches } = options;
    this.provisioning = new Provisioning(apps, () => state.apps.values(), switches);
    this.jobRoutes = new JobRoutes({ ...options, throttle: new Throttle(switches, now) });
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    try {
      return await this.answer(request);
    } catch (error) {
      if (error instanceof LinkedInError) return errorReply(error);
      throw error;
    }
  }

  private async answer(request: TwinRequest): Promise<TwinReply> {
    const { method, path, query, headers, body } = request;
    needShortEnough(request);
    const app = this.options.apps.holder(headers["authorization"]);
    const [, version = "", resource = "", ...rest] = path.split("/");
    if (version === "media" && method === "GET") {
      const { state, now, switches } = this.options;
      return downloadMedia(state, resource, { app, now: now(), mediaDays: switches.mediaDays });
    }
    if (version === "rest") this.needVersion(headers["linkedin-version"]);
    const key = decodeURIComponent(rest.join("/"));
    return this.route({
      method,
      version: version === "rest" ? "rest" : "v2",
      resource,
      key,
      query,
      headers,
      body,
      app,
    });
  }

  private async route(request: LinkedInRequest): Promise<TwinReply> {
    const { state, switches, integrations } = this.options;
    switch (`${request.version}/${request.resource}`) {
      case "rest/simpleJobPostings":
      case "v2/simpleJobPostings":
      case "rest/simpleJobPostingTasks":
      case "v2/simpleJobPostingTasks":
      case "v2/jobPostingStatus":
        return this.jobRoutes.handle(request);
      case "v2/provisionedApplications":
        return this.provisioning.handle(request);
      case "v2/atsIntegrations":
        return integrations.handle(request);
      case "v2/jobApplicationLifecycleActions":
        return createLifecycleAction(request, state, switches);
      default:
        throw notFound(`/${request.resource}`);
    }
  }

  /** @throws {LinkedInError} 400, 426 */
  private needVersion(version: string | undefined): void {
    if (version === undefined) throw versionMissing();
    const isMonth = /^20\d{2}(0[1-9]|1[0-2])$/.test(version);
    if (!isMonth || version < this.options.switches.oldestVersion) throw versionUnknown(version);
  }
}

/** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/check-job-posting-status @throws {LinkedInError} 414 */
function needShortEnough({ path, query, headers }: TwinRequest): void {
  const queryLength = query.toString().length;
  const headersLength = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const urlLength = path.length + queryLength;
  if (queryLength > 4 * kilobyte || urlLength > 8 * kilobyte || urlLength + headersLength > 28 * kilobyte) {
    throw tooLong();
  }
}
