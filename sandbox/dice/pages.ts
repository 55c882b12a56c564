import { asText, page, standInNote } from "../html-page.ts";
import { type ApplyWay, donePage, jobListPage, jobPage, type ShownJob } from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import type { DiceDoc, DiceState, ListedJob, ReceivedBatch } from "./state.ts";
import type { DiceSwitches } from "./switches.ts";

const board = "Dice";

/** What candidates see at Dice, and the mail that Dice has got. Null when the path is none of these. */
export function answerPage(
  { path }: TwinRequest,
  { jobs, mails }: DiceState,
  switches: DiceSwitches,
  origin: string,
): TwinReply | null {
  const [, place, id] = /^\/(jobs|mailbox)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (place === undefined) return null;
  if (place === "mailbox") return mailPage(mails, id, origin);
  const shown = [...jobs.values()].map((job) => shownJob(job, switches));
  if (id === undefined) return html(200, jobListPage(origin, board, shown));
  const found = [...jobs.values()].find((job) => idOf(job) === decodeURIComponent(id));
  if (!found) return html(404, donePage(origin, board, "Gone"));
  return html(200, jobPage(origin, board, shownJob(found, switches), wayToApply(found.doc)));
}

function idOf({ diceId, doc }: ListedJob): string {
  return `${diceId}-${doc["positionid"] ?? ""}`;
}

/** Nobody applies here: candidates are led to the company's own page, or write to the recruiter. */
function wayToApply(doc: DiceDoc): ApplyWay {
  const recruiter = Object.values(doc).find((value) => /^[^@\s]+@[^@\s]+$/.test(value));
  const url = doc["applylink"] ?? (recruiter === undefined ? null : `mailto:${recruiter}`);
  return url === null ? { by: "nothing", buttons: [] } : { by: "link", url };
}

function shownJob(listed: ListedJob, { comments }: DiceSwitches): ShownJob {
  const { doc } = listed;
  const place = [doc["location"], doc["state"], doc["postalcode"], doc["country"]];
  return {
    path: `/jobs/${encodeURIComponent(idOf(listed))}`,
    title: doc["jobtitle"] ?? "",
    company: doc["company"] ?? "",
    place: place.filter((part) => part !== undefined).join(", "),
    pay: doc["payrate"] ?? null,
    notes: [doc["taxterm"] ?? "", doc["skillsreq"] ?? ""].filter((note) => note !== ""),
    description: doc["comments"] ?? "",
    isHtml: comments === "html",
  };
}

function mailPage(mails: readonly ReceivedBatch[], id: string | undefined, origin: string): TwinReply {
  if (id === undefined)
    return html(200, page("Mail to Dice", `${standInNote(board)}<h1>Mail to Dice</h1>${rows(mails, origin)}`));
  const mail = mails[Number(id) - 1];
  if (!mail) return html(404, donePage(origin, board, "There is no such mail"));
  const { from, to, subject, body, fileName, fileBytes, file } = mail;
  const head = `<p>From ${asText(from)} to ${asText(to.join(", "))}</p><p>${asText(subject)}</p><pre>${asText(body)}</pre>`;
  const attachment = `<h2>${asText(fileName ?? "No attachment")}</h2><p><small>${fileBytes} bytes</small></p>
<pre style="white-space:pre-wrap">${asText(file ?? "")}</pre>`;
  return html(
    200,
    page(
      "Mail to Dice",
      `${standInNote(board)}<h1>Mail ${asText(id)}</h1>${head}<p>${outcome(mail)}</p>${attachment}
<p><a href="${asText(origin)}/mailbox">All mail</a></p>`,
    ),
  );
}

function rows(mails: readonly ReceivedBatch[], origin: string): string {
  const all = mails.map(
    (mail, index) =>
      `<p><a href="${asText(origin)}/mailbox/${index + 1}">${mail.at.toISOString()}</a><br><small>${outcome(mail)}</small></p>`,
  );
  return all.reverse().join("\n") || "<p>There is none yet. Post a job through the service.</p>";
}

/** What became of it. Dice itself would not say. */
function outcome({ diceId, notes }: ReceivedBatch): string {
  const taken = diceId === null ? "Nobody's, and nothing came of it." : `Of ${diceId}.`;
  return asText([taken, ...notes.map((note) => `${note}.`)].join(" "));
}
