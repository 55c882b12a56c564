/** Headers that say something, and no secret. */
const kept = /^(x-(?!.*(token|secret|signature))|content-|user-agent)/;

/** What is stored of a message's headers. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.test(name)));
}
