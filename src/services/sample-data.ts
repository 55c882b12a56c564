import * as z from "zod";

/** A time that is surely made up. */
const someTime = "2026-01-05T09:00:00.000Z";
const someId = "00000000-0000-7000-8000-000000000000";

/** The parts of JSON Schema that the catalogue of events uses. */
const Shape = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

/** Something of this shape, to show what comes: with every field, and with nothing that anybody could take for real. */
export function sampleOf(schema: z.ZodType<Record<string, unknown>>): Record<string, unknown> {
  const sample = sampleAt(z.toJSONSchema(schema), "");
  return z.record(z.string(), z.unknown()).parse(sample);
}

function sampleAt(schema: unknown, name: string): unknown {
  const shape = Shape.parse(schema);
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  if (shape.anyOf)
    return sampleAt(
      shape.anyOf.find((one) => Shape.parse(one).type !== "null"),
      name,
    );
  switch ([shape.type].flat().find((type) => type !== "null")) {
    case "object":
      return Object.fromEntries(
        Object.entries(shape.properties ?? {}).map(([key, value]) => [key, sampleAt(value, key)]),
      );
    case "array":
      return shape.items === undefined ? [] : [sampleAt(shape.items, name)];
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    default:
      return sampleText(name);
  }
}

function sampleText(name: string): string {
  if (/(At|Since)$/.test(name)) return someTime;
  return name.endsWith("Id") || name === "id" ? someId : `sample ${name}`;
}
