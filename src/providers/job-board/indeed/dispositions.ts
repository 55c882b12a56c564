import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardDispositions, StatusChange } from "../applications.ts";
import type { BoardAccount } from "../provider.ts";
import { call, explain, longestMessage, parse, unreadable } from "./graphql.ts";

/** What Indeed hears of us; it shows it to nobody. */
const atsName = "integrations-subgraph";

// https://docs.indeed.com/disposition-sync-api/disposition-sync-api-guide
const sendMutation = `mutation SendDispositions($input: SendPartnerDispositionInput!) {
  partnerDisposition { send(input: $input) {
    numberGoodDispositions failedDispositions { identifiedBy { indeedApplyID } rationale }
  } }
}`;

const Sent = z.looseObject({
  partnerDisposition: z.looseObject({
    send: z.looseObject({
      failedDispositions: z
        .array(
          z.looseObject({
            identifiedBy: z.looseObject({ indeedApplyID: z.string().nullish() }).nullish(),
            rationale: z.string().nullish(),
          }),
        )
        .nullish(),
    }),
  }),
});

/** Indeed's Disposition Sync API. */
export const dispositions: BoardDispositions = {
  batchSize: 25,
  words: {
    NEW: "NEW",
    VIEWED: "REVIEW",
    RESUME_DOWNLOADED: "REVIEW",
    IN_REVIEW: "LIKED",
    SHORTLISTED: "POSITIVELY_SCREENED",
    CONTACTED: "CONTACTED",
    SCREENING: "SCREEN",
    ASSESSMENT: "ASSESS_QUALIFICATIONS",
    INTERVIEWING: "INTERVIEW",
    BACKGROUND_CHECK: "BACKGROUND_CHECK",
    BACKGROUND_CHECK_FAILED: "NOT_SELECTED",
    OFFER_EXTENDED: "OFFER_MADE",
    OFFER_DECLINED: "OFFER_DECLINED",
    HIRED: "HIRED",
    REJECTED: "NOT_SELECTED",
    WITHDRAWN: "WITHDRAWN",
    ON_HOLD: "UNABLE_TO_MAP",
    JOB_CLOSED: "JOB_CLOSED",
  },
  async send(account, changes) {
    const refusals: (IntegrationError | null)[] = [];
    for (const told of callsOf(changes)) refusals.push(...(await tell(account, told)));
    return refusals;
  },
};

/**
 * Indeed says of which application a change failed, and not which of its changes: so no call has two of the same one. The
 * order stays.
 */
function callsOf(changes: readonly StatusChange[]): readonly StatusChange[][] {
  const calls: StatusChange[][] = [];
  for (const change of changes) {
    const last = calls.at(-1);
    const isThere = last?.some(({ boardApplicationId }) => boardApplicationId === change.boardApplicationId);
    if (last === undefined || isThere) calls.push([change]);
    else last.push(change);
  }
  return calls;
}

async function tell(account: BoardAccount, changes: readonly StatusChange[]): Promise<(IntegrationError | null)[]> {
  const { data, error } = await call(account, sendMutation, { input: { dispositions: changes.map(dispositionOf) } });
  if (error) throw explain(error);
  const failed = parse(Sent, data).partnerDisposition.send.failedDispositions ?? [];
  const failures = new Map(failed.map(({ identifiedBy, rationale }) => [identifiedBy?.indeedApplyID, rationale]));
  const refusals = changes.map(({ boardApplicationId: id }) => (failures.has(id) ? refused(failures.get(id)) : null));
  if (refusals.filter((one) => one !== null).length < failures.size) throw unreadable("a failure of nobody's change");
  return refusals;
}

function dispositionOf(change: StatusChange): object {
  const { boardApplicationId, status, reason, stage, details, changedAt } = change;
  const more = details ?? reason;
  return {
    dispositionStatus: dispositions.words[status],
    rawDispositionStatus: stage?.trim() || status,
    ...(more !== null && { rawDispositionDetails: more }),
    atsName,
    statusChangeDateTime: changedAt.toISOString(),
    identifiedBy: { indeedApplyID: boardApplicationId },
  };
}

function refused(rationale: string | null | undefined): IntegrationError {
  const words = rationale?.slice(0, longestMessage) || "without a reason";
  return new IntegrationError("PROVIDER_REFUSED", `Indeed does not take this change of an application: ${words}`, {
    remedy: "Nothing has to be done where Indeed knows something later already; for anything else ask Indeed.",
  });
}
