import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from "graphql";
import { ianaName } from "../services/event-input.ts";

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

export const DateTimeScalar = textScalar({
  name: "DateTime",
  description: "An instant. Out: UTC with milliseconds, `2026-03-02T09:00:00.000Z`. In: RFC 3339 with any offset.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize: (value: Date) => value.toISOString(),
  parse(text) {
    const date = new Date(text);
    if (!rfc3339.test(text) || Number.isNaN(date.getTime()) || !isRealDay(text.slice(0, 10))) {
      throw invalid("DateTime", "an RFC 3339 time with an offset, such as 2026-03-02T10:00:00+01:00");
    }
    return date;
  },
});

export const DateScalar = textScalar({
  name: "Date",
  description: "A calendar day, `2026-03-02`; of no zone.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize: (value: string) => value,
  parse(text) {
    if (!day.test(text) || !isRealDay(text)) throw invalid("Date", "a day such as 2026-03-02");
    return text;
  },
});

export const TimeZoneScalar = textScalar({
  name: "TimeZone",
  description: "A name of the IANA time zone database, `Europe/Berlin`.",
  specifiedByURL: "https://www.iana.org/time-zones",
  serialize: (value: string) => value,
  parse(text) {
    const name = ianaName(text);
    if (name === undefined) throw invalid("TimeZone", "an IANA name such as Europe/Berlin");
    return name;
  },
});

export const UrlScalar = textScalar({
  name: "URL",
  description: "An absolute http or https URL.",
  specifiedByURL: "https://url.spec.whatwg.org/",
  serialize: (value: string) => value,
  parse(text) {
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
      throw invalid("URL", "an absolute http(s) URL");
    return text;
  },
});

export const JsonScalar = new GraphQLScalarType({
  name: "JSON",
  description: "Any JSON value.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259",
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

interface TextScalar<T> {
  readonly name: string;
  readonly description: string;
  readonly specifiedByURL: string;
  serialize(value: T): string;
  parse(text: string): T;
}

function textScalar<T>({
  name,
  description,
  specifiedByURL,
  serialize,
  parse,
}: TextScalar<T>): GraphQLScalarType<T, string> {
  const parseText = (value: unknown): T => {
    if (typeof value !== "string") throw invalid(name, "text");
    return parse(value);
  };
  return new GraphQLScalarType<T, string>({
    name,
    description,
    specifiedByURL,
    serialize: (value) => serialize(value as T),
    parseValue: parseText,
    parseLiteral: (node) => parseText(node.kind === Kind.STRING ? node.value : undefined),
  });
}

function invalid(name: string, expected: string): GraphQLError {
  return new GraphQLError(`${name} must be ${expected}`, { extensions: { code: "INVALID_INPUT" } });
}

/** `new Date` rolls 30 February over to March; people should hear of it instead. */
function isRealDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
