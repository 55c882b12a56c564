import { describe, expect, it } from "vitest";
import { aReceiver } from "../support/apply-receiver.ts";
import { aJobWithApply, anIndeed, createdIn } from "../support/indeed-client.ts";

const sendQuery = `mutation Send($input: SendPartnerDispositionInput!) { partnerDisposition { send(input: $input) {
  numberGoodDispositions failedDispositions { rationale identifiedBy { indeedApplyID ittk universalApplyId
    alternateIdentifier { jobIdentifier { employerJobId } jobSeekerIdentifier { emailAddress } } } } } } }`;

/** One application that has arrived, and a way to tell how it goes on. */
async function anApplication() {
  const world = await anIndeed();
  const receiver = await aReceiver();
  const posting = createdIn(await world.create(aJobWithApply(`${receiver.origin}/apply`)));
  world.twin.indexNow(posting.sourcedPostingId);
  const { id } = await world.twin.apply(posting.sourcedPostingId, { email: "zoe@example.test" });
  const disposition = (dispositionStatus: string, minute: number, more: object = {}) => ({
    dispositionStatus,
    rawDispositionStatus: `ours ${dispositionStatus}`,
    rawDispositionDetails: "",
    atsName: "Muster",
    statusChangeDateTime: new Date(Date.UTC(2026, 11, 1, 9, minute)).toISOString(),
    identifiedBy: { indeedApplyID: id },
    ...more,
  });
  const send = async (...dispositions: readonly object[]) => {
    const { body } = await world.call(sendQuery, { input: { dispositions } });
    return body.data?.partnerDisposition.send ?? { code: body.errors[0].extensions.code };
  };
  return { ...world, id, posting, disposition, send };
}

describe("dispositions at Indeed", () => {
  it("are taken in order", async () => {
    const { twin, id, disposition, send } = await anApplication();
    const answer = await send(disposition("NEW", 1), disposition("REVIEW", 2), disposition("HIRED", 3));
    expect(answer).toEqual({ numberGoodDispositions: 3, failedDispositions: [] });
    expect(twin.dispositions(id)).toMatchObject([
      { status: "NEW", rawStatus: "ours NEW", atsName: "Muster", changedAt: new Date("2026-12-01T09:01:00Z") },
      { status: "REVIEW" },
      { status: "HIRED" },
    ]);
  });

  it.each([
    ...["NEW", "REVIEW", "LIKED", "CONTACTED", "SCREEN", "POSITIVELY_SCREENED", "ASSESS_QUALIFICATIONS", "INTERVIEW"],
    ...["VERIFY_ELIGIBILITY", "BACKGROUND_CHECK", "OFFER_MADE", "OFFER_DECLINED", "HIRED", "ONBOARDED", "NOT_SELECTED"],
    ...["WITHDRAWN", "INCOMPLETE", "JOB_INACTIVE", "JOB_CLOSED", "UNABLE_TO_MAP"],
    ...["DROPPED_DUPLICATE", "DROPPED_JOB_EXPIRED", "DROPPED_FRAUD_SPAM"],
  ])("know %s", async (status) => {
    const { disposition, send } = await anApplication();
    expect(await send(disposition(status, 1))).toMatchObject({ numberGoodDispositions: 1 });
  });

  it("know no other status", async () => {
    const { disposition, send } = await anApplication();
    expect(await send(disposition("ON_HOLD", 1))).toEqual({ code: "BAD_USER_INPUT" });
  });

  it("are at most twenty-five in a call", async () => {
    const { twin, disposition, send } = await anApplication();
    const many = Array.from({ length: 26 }, (_, minute) => disposition("REVIEW", minute));
    expect(await send(...many)).toEqual({ code: "BAD_USER_INPUT" });
    expect(twin.dispositions()).toEqual([]);
    expect(await send(...many.slice(1))).toMatchObject({ numberGoodDispositions: 25 });
    twin.switches.maxDispositions = 26;
    expect(await send(...many)).toMatchObject({ numberGoodDispositions: 25 });
  });

  it("fail one by one, each with what it was about and why", async () => {
    const { twin, disposition, send } = await anApplication();
    const unknown = { identifiedBy: { indeedApplyID: "nobody" } };
    const answer = await send(disposition("NEW", 1), disposition("NEW", 1, unknown), disposition("REVIEW", 2));
    expect(answer).toMatchObject({
      numberGoodDispositions: 2,
      failedDispositions: [{ identifiedBy: { indeedApplyID: "nobody" }, rationale: "no application was found" }],
    });
    expect(twin.dispositions()).toHaveLength(2);
  });

  it.each([
    { more: { statusChangeDateTime: "today" }, rationale: "no ISO-8601 date" },
    { more: { statusChangeDateTime: "2026-12-01T10:00:01Z" }, rationale: "future" },
    { more: { rawDispositionStatus: "" }, rationale: "rawDispositionStatus" },
    { more: { atsName: "" }, rationale: "atsName" },
    { more: { identifiedBy: {} }, rationale: "exactly one" },
    { more: { identifiedBy: { indeedApplyID: "a", ittk: "b" } }, rationale: "exactly one" },
  ])("fail: $rationale", async ({ more, rationale }) => {
    const { disposition, send } = await anApplication();
    const { failedDispositions } = await send(disposition("NEW", 1, more));
    expect(failedDispositions).toMatchObject([{ rationale: expect.stringContaining(rationale) }]);
  });

  it("can be told once more, and are there once", async () => {
    const { twin, disposition, send } = await anApplication();
    const batch = [disposition("NEW", 1), disposition("REVIEW", 2)];
    await send(...batch);
    expect(await send(...batch)).toMatchObject({ numberGoodDispositions: 2, failedDispositions: [] });
    expect(twin.dispositions()).toHaveLength(2);
  });

  it("that are older than what is known fail, or are taken", async () => {
    const { twin, disposition, send } = await anApplication();
    const late = [disposition("REVIEW", 2), disposition("NEW", 1)];
    expect(await send(...late)).toMatchObject({
      failedDispositions: [{ rationale: expect.stringContaining("later") }],
    });
    twin.switches.refusesOutOfOrder = false;
    expect(await send(...late)).toMatchObject({ numberGoodDispositions: 2 });
  });

  it("say which application they are of in other ways too", async () => {
    const { twin, id, posting, disposition, send } = await anApplication();
    const [application] = twin.applicationsOf(posting.sourcedPostingId);
    const { jobKey } = twin.posting("JOB-1") ?? expect.fail();
    const person = { emailAddress: "ZOE@example.test" };
    const ways = [
      { universalApplyId: id },
      { ittk: application?.ittk },
      { alternateIdentifier: { jobIdentifier: { indeedJobKey: jobKey }, jobSeekerIdentifier: person } },
      { alternateIdentifier: { jobIdentifier: { employerJobId: posting.employerJobId }, jobSeekerIdentifier: person } },
      { alternateIdentifier: { jobIdentifier: { atsApplicationIdentifier: "JOB-1" }, jobSeekerIdentifier: person } },
      {
        alternateIdentifier: {
          jobIdentifier: { indeedJobKey: jobKey },
          jobSeekerIdentifier: { indeedJobSeekerKey: application?.jobSeekerKey },
        },
      },
    ];
    const all = ways.map((identifiedBy, minute) => disposition("REVIEW", minute, { identifiedBy }));
    expect(await send(...all)).toEqual({ numberGoodDispositions: ways.length, failedDispositions: [] });
    const stranger = {
      jobIdentifier: { indeedJobKey: jobKey },
      jobSeekerIdentifier: { emailAddress: "x@example.test" },
    };
    const failed = await send(disposition("REVIEW", 30, { identifiedBy: { alternateIdentifier: stranger } }));
    expect(failed.failedDispositions).toHaveLength(1);
  });
});
