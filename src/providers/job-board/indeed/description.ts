import { renderDescription } from "../description.ts";
import type { Job } from "../job.ts";
import { descriptionRules } from "./mapping.ts";

/** The description as Indeed takes it: its tags, and no HTML entity anywhere. */
export function descriptionOf(job: Job): string {
  return withoutEntities(renderDescription(job, descriptionRules));
}

/**
 * Sanitised HTML with characters for themselves. Where a `<` or a `&` would then begin what the text only talks of, a tag or
 * an entity, a character that looks like it takes its place: what was text never becomes markup.
 */
export function withoutEntities(html: string): string {
  const literal = html
    .replaceAll(/&lt;(?=[a-z/!?])/gi, "‹")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
  return literal.replaceAll(/&(?=#?[a-z\d]+;)/gi, "＆");
}
