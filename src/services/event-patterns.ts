import { IntegrationError } from "../errors.ts";
import { type EventType, eventTypes, isEventType } from "../events/catalogue.ts";

/**
 * The types that are meant by exact ones and by nouns (`calendar_event.*`); all for null.
 *
 * @param field where they were given
 * @throws {IntegrationError} INVALID_INPUT for a type that no event has
 */
export function matchedTypes(patterns: readonly string[] | null, field: readonly string[]): readonly EventType[] {
  if (!patterns) return eventTypes;
  return patterns.flatMap((pattern) => {
    const matched = typesLike(pattern);
    if (matched.length > 0) return matched;
    throw new IntegrationError("INVALID_INPUT", `There are no events of type ${pattern.slice(0, 100)}`, {
      field,
      remedy: "The query eventTypes lists them all.",
    });
  });
}

/** The same for patterns that were checked when they were stored: a type that is no more is nothing. */
export function knownTypes(patterns: readonly string[] | null): ReadonlySet<string> {
  return new Set(patterns ? patterns.flatMap(typesLike) : eventTypes);
}

function typesLike(pattern: string): readonly EventType[] {
  if (pattern.endsWith(".*")) return eventTypes.filter((type) => type.startsWith(pattern.slice(0, -1)));
  return isEventType(pattern) ? [pattern] : [];
}
