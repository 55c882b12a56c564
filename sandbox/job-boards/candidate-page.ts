import { asText, page, standInNote } from "../html-page.ts";

/** A job as candidates see it. */
export interface ShownJob {
  /** Of its page, below the twin's own address: `/jobs/7f3a`. */
  readonly path: string;
  readonly title: string;
  readonly company: string;
  readonly place: string;
  readonly pay: string | null;
  /** Why candidates do not see it, or what else there is to know: `is being checked`. */
  readonly notes: readonly string[];
  readonly description: string;
  readonly isHtml: boolean;
}

/** A question of the form. */
export interface FormQuestion {
  readonly id: string;
  readonly text: string;
  readonly kind: "line" | "text" | "one" | "many" | "date";
  readonly isRequired: boolean;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** How one applies, and what else one can do there. */
export type ApplyWay =
  | { readonly by: "form"; readonly questions: readonly FormQuestion[]; readonly problem: string | null }
  | { readonly by: "link"; readonly url: string }
  | { readonly by: "nothing"; readonly buttons: readonly { readonly action: string; readonly label: string }[] };

/** What a candidate entered. */
export interface Submitted {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  readonly coverLetter: string;
  readonly resumeText: string;
  /** By question; those left empty are missing. */
  readonly answers: Readonly<Record<string, string | readonly string[]>>;
}

export function jobListPage(base: string, board: string, jobs: readonly ShownJob[]): string {
  const rows = jobs.map(
    (job) =>
      `<p><a href="${asText(base + job.path)}">${asText(job.title)}</a><br><small>${asText(about(job))}</small></p>`,
  );
  const none = "<p>There are none yet. Post one through the service.</p>";
  return page(`${board}: jobs`, `${standInNote(board)}<h1>Jobs at ${asText(board)}</h1>${rows.join("\n") || none}`);
}

export function jobPage(base: string, board: string, job: ShownJob, way: ApplyWay): string {
  const text = job.isHtml ? job.description : `<pre style="white-space:pre-wrap">${asText(job.description)}</pre>`;
  // In a frame that runs nothing: it is somebody else's HTML.
  const description = `<iframe sandbox title="Description" style="width:100%;height:10rem;border:0" srcdoc="${asText(text)}"></iframe>`;
  return page(
    `${board}: ${job.title}`,
    `${standInNote(board)}<h1>${asText(job.title)}</h1><p>${asText(about(job))}</p>${description}${wayToApply(base, job, way)}
<p><a href="${asText(base)}/jobs">All jobs</a></p>`,
  );
}

/** After a form was sent. */
export function donePage(base: string, board: string, says: string): string {
  return page(`${board}: sent`, `<h1>${asText(says)}</h1><p><a href="${asText(base)}/jobs">All jobs</a></p>`);
}

export function readForm(body: string): Submitted {
  const form = new URLSearchParams(body);
  const text = (name: string) => form.get(name)?.trim() ?? "";
  const names = [...new Set(form.keys())].filter((name) => name.startsWith("answer:"));
  const answers = names.map((name) => {
    const values = form.getAll(name).filter((value) => value !== "");
    return [name.slice("answer:".length), name.endsWith("[]") ? values : (values[0] ?? "")] as const;
  });
  return {
    firstName: text("firstName"),
    lastName: text("lastName"),
    email: text("email"),
    phone: text("phone"),
    coverLetter: text("coverLetter"),
    resumeText: text("resumeText"),
    answers: Object.fromEntries(
      answers.filter(([, value]) => value.length > 0).map(([name, value]) => [name.replace(/\[\]$/, ""), value]),
    ),
  };
}

function about({ company, place, pay, notes }: ShownJob): string {
  return [company, place, pay ?? "", ...notes].filter((part) => part !== "").join(" · ");
}

function wayToApply(base: string, job: ShownJob, way: ApplyWay): string {
  switch (way.by) {
    case "link":
      return `<p>Candidates apply at <a href="${asText(way.url)}" rel="noreferrer">${asText(way.url)}</a></p>`;
    case "nothing":
      return way.buttons
        .map(
          ({ action, label }) =>
            `<form method="post" action="${asText(base + job.path)}/${asText(action)}"><p><button>${asText(label)}</button></p></form>`,
        )
        .join("");
    case "form":
      return applyForm(`${base}${job.path}/apply`, way.questions, way.problem);
  }
}

function applyForm(action: string, questions: readonly FormQuestion[], problem: string | null): string {
  const field = (name: string, label: string, type = "text", required = true) =>
    `<label>${label} <input name="${name}" type="${type}"${required ? " required" : ""}></label>`;
  return `<form method="post" action="${asText(action)}">
${problem === null ? "" : `<p><strong>${asText(problem)}</strong></p>`}
<fieldset><legend>You</legend>
${field("firstName", "First name")}${field("lastName", "Last name")}${field("email", "E-mail", "email")}${field("phone", "Phone", "tel", false)}
<label>Résumé, in your words<br><textarea name="resumeText" rows="4" style="width:100%"></textarea></label>
<label>Cover letter<br><textarea name="coverLetter" rows="3" style="width:100%"></textarea></label></fieldset>
${questions.length > 0 ? `<fieldset><legend>Questions</legend>${questions.map(questionField).join("\n")}</fieldset>` : ""}
<p class="buttons"><button class="main">Apply</button></p></form>`;
}

function questionField({ id, text, kind, isRequired, options }: FormQuestion): string {
  const name = `name="answer:${asText(id)}${kind === "many" ? "[]" : ""}"`;
  const label = `${asText(text)}${isRequired ? " *" : ""}<br>`;
  switch (kind) {
    case "line":
    case "date":
      return `<label>${label}<input ${name}></label>`;
    case "text":
      return `<label>${label}<textarea ${name} rows="3" style="width:100%"></textarea></label>`;
    default: {
      const type = kind === "one" ? "radio" : "checkbox";
      const choices = options.map(
        (option) =>
          `<label><input type="${type}" ${name} value="${asText(option.value)}"> ${asText(option.label)}</label>`,
      );
      return `<div>${label}${choices.join("")}</div>`;
    }
  }
}
