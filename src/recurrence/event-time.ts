/**
 * When a calendar event starts or ends.
 *
 * - `date`: a whole day, `YYYY-MM-DD`; as an end it is exclusive.
 * - `zoned`: wall clock `YYYY-MM-DDTHH:mm:ss` in an IANA zone; an instant given in UTC has the zone `UTC`.
 * - `floating`: the same wall clock wherever one is (RFC 5545 §3.3.5, form 1).
 */
export type EventTime =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "zoned"; readonly local: string; readonly timeZone: string }
  | { readonly kind: "floating"; readonly local: string };
