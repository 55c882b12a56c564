/** Headers that say something, and no secret: people who look for a lost message see them. */
const kept = /^(x-(?!.*(token|secret|signature|key|auth|cookie|session|password|credential|jwt))|content-|user-agent)/;
/** A proxy may repeat the address, which is itself a secret. */
const isAddress = (value: string) => value.includes("/webhooks/");

/** What is stored of a message's headers. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => kept.test(name) && !isAddress(value)));
}
