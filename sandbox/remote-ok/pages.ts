import { asText, page, standInNote } from "../html-page.ts";
import { donePage, jobListPage, jobPage, type ShownJob } from "../job-boards/candidate-page.ts";
import { html, type TwinReply, type TwinRequest } from "../twin.ts";
import { type Posts, slugOf } from "./posts.ts";
import type { Entered, StoredPost } from "./state.ts";

const board = "Remote OK";
const maxBodyCharacters = 1_000_000;

/** By the names of the form. */
const labels: Readonly<Record<keyof Entered, string>> = {
  company: "Company name",
  companyLogo: "Company logo",
  position: "Position",
  primaryTag: "Primary tag",
  tags: "Tags",
  location: "Location restricted to",
  salary: "Annual salary or compensation",
  benefits: "Benefits",
  description: "Job description",
  applyUrl: "Apply URL",
  applyEmail: "Apply email address",
};

type FilledForm = Pick<StoredPost, "entered" | "isAutoRenewed">;

/** What people see: the form, the edit page that its mail leads to, and the posts. Null when the path is none of these. */
export function answerPage(request: TwinRequest, posts: Posts, origin: string): TwinReply | null {
  const { path } = request;
  if (request.body.length > maxBodyCharacters) return html(413, donePage(origin, board, "That is too much"));
  if (path === "/hire-remotely") return hirePage(request, posts, origin);
  const [, editKey] = /^\/edit\/(\w+)$/.exec(path) ?? [];
  if (editKey !== undefined) return editPage(request, posts, origin, editKey);
  if (path === "/jobs") return html(200, jobListPage(origin, board, posts.open().map(shown)));
  const [, place, id] = /^\/(remote-jobs|l)\/(\d+)[\w-]*$/.exec(path) ?? [];
  const post = id === undefined ? undefined : posts.find(Number(id));
  if (id === undefined) return null;
  if (!post || !posts.isOpen(post)) return html(404, donePage(origin, board, "Gone"));
  const { applyUrl } = post.entered;
  if (place === "l" && applyUrl !== "") return { status: 302, headers: { location: new URL(applyUrl).href } };
  return html(200, jobPage(origin, board, shown(post), { by: "link", url: wayToApply(post) }));
}

function hirePage({ method, body }: TwinRequest, posts: Posts, origin: string): TwinReply {
  if (method !== "POST") return html(200, form(`${origin}/hire-remotely`, null, null));
  const filled = readForm(body);
  const { entered, isAutoRenewed } = filled;
  const problem = posts.problemIn(entered);
  if (problem !== null) return html(422, form(`${origin}/hire-remotely`, filled, problem));
  const post = posts.post(entered, isAutoRenewed);
  return html(201, mail(origin, post));
}

/** As the mail says that comes after the payment. */
function mail(origin: string, post: StoredPost): string {
  const link = (address: string) => `<a href="${asText(address)}">${asText(address)}</a>`;
  return page(
    "Paid",
    `${standInNote(board)}<h1>Your post is live</h1><p>${link(addressOf(origin, post))}</p>
<p>Edit or close it here, and keep this address: ${link(`${origin}/edit/${post.editKey}`)}</p>`,
  );
}

function editPage({ method, body }: TwinRequest, posts: Posts, origin: string, editKey: string): TwinReply {
  const post = posts.byEditKey(editKey);
  if (!post) return html(404, donePage(origin, board, "There is no such post"));
  const action = `${origin}/edit/${editKey}`;
  if (method !== "POST") return html(200, form(action, post, post.isClosed ? "This post is closed." : null));
  if (new URLSearchParams(body).has("close")) {
    post.isClosed = true;
    return html(200, donePage(origin, board, "Closed"));
  }
  const filled = readForm(body);
  const problem = posts.problemIn(filled.entered);
  if (problem !== null) return html(422, form(action, filled, problem));
  posts.change(post, filled.entered, filled.isAutoRenewed);
  return html(200, donePage(origin, board, "Saved"));
}

/** @param filled null for an empty one, in which the renewal is ticked */
function form(action: string, filled: FilledForm | null, problem: string | null): string {
  const fields = Object.entries(labels).map(([name, label]) => {
    const value = asText(filled?.entered[name as keyof Entered] ?? "");
    const field =
      name === "description" || name === "benefits"
        ? `<textarea name="${name}" rows="4" style="width:100%">${value}</textarea>`
        : `<input name="${name}" value="${value}" style="width:100%">`;
    return `<label>${label}<br>${field}</label>`;
  });
  const close = filled ? `<button name="close" value="yes">Close this post</button>` : "";
  return page(
    "Hire remotely",
    `${standInNote(board)}<h1>Post a job</h1>${problem === null ? "" : `<p><strong>${asText(problem)}</strong></p>`}
<form method="post" action="${asText(action)}"><fieldset>${fields.join("\n")}
<label><input type="checkbox" name="autoRenew"${filled?.isAutoRenewed === false ? "" : " checked"}> Renew every 30 days, and pay again</label></fieldset>
<p class="buttons">${close}<button class="main">${filled ? "Save" : "Pay and post"}</button></p></form>`,
  );
}

function readForm(body: string): FilledForm {
  const given = new URLSearchParams(body);
  return { entered: enteredIn(Object.fromEntries(given)), isAutoRenewed: given.has("autoRenew") };
}

/** Texts that are missing are empty. */
export function enteredIn(words: Readonly<Record<string, unknown>>): Entered {
  const names = Object.keys(labels) as (keyof Entered)[];
  const textOf = (value: unknown) => (typeof value === "string" ? value.trim() : "");
  return Object.fromEntries(names.map((name) => [name, textOf(words[name])])) as unknown as Entered;
}

export function addressOf(origin: string, post: StoredPost): string {
  return `${origin}/remote-jobs/${slugOf(post)}`;
}

function wayToApply({ entered: { applyUrl, applyEmail } }: StoredPost): string {
  return applyUrl === "" ? `mailto:${applyEmail}` : applyUrl;
}

function shown(post: StoredPost): ShownJob {
  const { position, company, location, salary, tags, description } = post.entered;
  return {
    path: `/remote-jobs/${slugOf(post)}`,
    title: position,
    company,
    place: location,
    pay: salary === "" ? null : salary,
    notes: [tags],
    description,
    isHtml: true,
  };
}
