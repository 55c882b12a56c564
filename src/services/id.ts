import { v7 as uuidv7, validate } from "uuid";

/** A new lower-case UUIDv7: ids sort by when they were made. */
export function newId(now: Date): string {
  return uuidv7({ msecs: now.getTime() });
}

/** A malformed id is like an unknown one: there is nothing with it. */
export function isId(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}

/** Those that PostgreSQL could hold at all: names that belong to the platform, and only equal what is stored or nothing. */
export function possibleNames(texts: readonly string[]): string[] {
  return texts.filter((text) => !text.includes("\0"));
}

/** Those that could be ids at all, each once. */
export function possibleIds(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(isId);
}
