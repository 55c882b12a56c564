import { badInput } from "./errors.ts";
import type { IndeedState, StoredApplication, StoredDisposition } from "./state.ts";
import type { IndeedSwitches } from "./switches.ts";

type Text = string | null | undefined;

/** Which application a disposition is of, in one of four ways. */
export interface Identifier {
  readonly indeedApplyID?: Text;
  readonly ittk?: Text;
  readonly universalApplyId?: Text;
  readonly alternateIdentifier?: {
    readonly jobIdentifier: {
      readonly indeedJobKey?: Text;
      readonly employerJobId?: Text;
      readonly atsApplicationIdentifier?: Text;
    };
    readonly jobSeekerIdentifier: { readonly indeedJobSeekerKey?: Text; readonly emailAddress?: Text };
  } | null;
}

export interface SentDisposition {
  readonly dispositionStatus: string;
  readonly rawDispositionStatus: string;
  readonly rawDispositionDetails?: Text;
  readonly atsName: string;
  readonly statusChangeDateTime: string;
  readonly identifiedBy: Identifier;
}

export interface DispositionAnswer {
  readonly numberGoodDispositions: number;
  readonly failedDispositions: readonly { readonly identifiedBy: Identifier; readonly rationale: string }[];
}

/** How applications go on at the applicant tracking system, as partners tell it. https://docs.indeed.com/disposition-sync-api/disposition-sync-api-guide */
export class Dispositions {
  constructor(
    private readonly state: IndeedState,
    private readonly switches: Pick<IndeedSwitches, "maxDispositions" | "refusesOutOfOrder">,
    private readonly now: () => Date,
  ) {}

  /** @throws {IndeedError} BAD_USER_INPUT, when there are too many */
  send(dispositions: readonly SentDisposition[]): DispositionAnswer {
    const { maxDispositions } = this.switches;
    if (dispositions.length > maxDispositions)
      throw badInput(`dispositions: at most ${maxDispositions} in one request`);
    const failed = dispositions.flatMap((disposition) => {
      const rationale = this.take(disposition);
      return rationale === null ? [] : [{ identifiedBy: disposition.identifiedBy, rationale }];
    });
    return { numberGoodDispositions: dispositions.length - failed.length, failedDispositions: failed };
  }

  /** @returns why it is not taken; null when it is */
  private take(sent: SentDisposition): string | null {
    const application = this.find(sent.identifiedBy);
    if (typeof application === "string") return application;
    const changedAt = new Date(sent.statusChangeDateTime);
    if (Number.isNaN(changedAt.getTime())) return "statusChangeDateTime is no ISO-8601 date";
    if (changedAt > this.now()) return "statusChangeDateTime is in the future";
    if (sent.rawDispositionStatus.trim() === "") return "rawDispositionStatus is empty";
    if (sent.atsName.trim() === "") return "atsName is empty";
    const before = this.state.dispositions.filter(({ applyId }) => applyId === application.id);
    const disposition: StoredDisposition = {
      applyId: application.id,
      status: sent.dispositionStatus,
      rawStatus: sent.rawDispositionStatus,
      rawDetails: sent.rawDispositionDetails ?? null,
      atsName: sent.atsName,
      changedAt,
    };
    // Told once more, after an answer that was lost.
    if (before.some((known) => isSame(known, disposition))) return null;
    const isLate = before.some((known) => known.changedAt > changedAt);
    if (isLate && this.switches.refusesOutOfOrder) return "a later disposition was received before";
    this.state.dispositions.push(disposition);
    return null;
  }

  private find(identifiedBy: Identifier): StoredApplication | string {
    const { indeedApplyID, ittk, universalApplyId, alternateIdentifier } = identifiedBy;
    const given = [indeedApplyID, ittk, universalApplyId, alternateIdentifier].filter((one) => one != null);
    if (given.length !== 1) return "identifiedBy must have exactly one identifier";
    const applications = [...this.state.applications.values()];
    const found = applications.findLast((application) => {
      if (alternateIdentifier != null) return this.isMeant(application, alternateIdentifier);
      return [application.id, application.ittk].includes(indeedApplyID ?? ittk ?? universalApplyId ?? "");
    });
    return found ?? "no application was found";
  }

  private isMeant(
    application: StoredApplication,
    { jobIdentifier, jobSeekerIdentifier }: NonNullable<Identifier["alternateIdentifier"]>,
  ): boolean {
    const posting = this.state.postings.get(application.sourcedPostingId);
    const { indeedJobKey, employerJobId, atsApplicationIdentifier } = jobIdentifier;
    const { indeedJobSeekerKey, emailAddress } = jobSeekerIdentifier;
    const isJob =
      (indeedJobKey != null && indeedJobKey === posting?.jobKey) ||
      (employerJobId != null && employerJobId === posting?.employerJobId) ||
      (atsApplicationIdentifier != null && atsApplicationIdentifier === posting?.job.metadata.jobPostingId);
    const isPerson =
      (indeedJobSeekerKey != null && indeedJobSeekerKey === application.jobSeekerKey) ||
      (emailAddress != null && emailAddress.toLowerCase() === application.email.toLowerCase());
    return isJob && isPerson;
  }
}

function isSame(one: StoredDisposition, other: StoredDisposition): boolean {
  return one.status === other.status && one.changedAt.getTime() === other.changedAt.getTime();
}
