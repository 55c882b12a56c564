const allowed = new Set([
  ...["b", "strong", "em", "br", "p", "ul", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
  ...["table", "thead", "tbody", "tr", "th", "td"],
]);

/** What a description has that Indeed does not allow; null when there is nothing. https://docs.indeed.com/job-sync-api/job-description-formatting */
export function otherMarkupIn(description: string, isHtml: boolean): string | null {
  const entity = /&(#\d+|#x[\da-f]+|[a-z][a-z\d]*);/i.exec(description);
  if (entity) return `the HTML entity ${entity[0]}`;
  if (!isHtml) return null;
  for (const [, name = ""] of description.matchAll(/<\/?([a-z!][a-z\d-]*)/gi)) {
    if (!allowed.has(name.toLowerCase())) return `the tag ${name}`;
  }
  const styled = /<[a-z][^>]*\s(style|class|on[a-z]+)\s*=/i.exec(description);
  return styled ? `the attribute ${styled[1]}` : null;
}
