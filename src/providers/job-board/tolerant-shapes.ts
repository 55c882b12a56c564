import * as z from "zod";

// Little of what boards send of applications is promised: what is missing, or is not what it should be, costs nothing but itself.

/** Null for what is missing or empty. */
export const Text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null)
  .transform((text) => text?.trim() || null);

/** Those of a list that can be read. */
export const Entries = <Entry extends z.ZodType>(entry: Entry) =>
  z.array(entry.nullable().catch(null)).transform((entries) => entries.filter((one) => one !== null));
