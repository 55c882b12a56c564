import { createHash } from "node:crypto";
import * as z from "zod";
import { IntegrationError } from "../errors.ts";
import { isId } from "./id.ts";

export interface PageRequest {
  /** 1 to 200. */
  readonly first: number;
  readonly after: string | null;
}

export interface Page<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly hasNextPage: boolean;
}

const maxFirst = 200;
const Cursor = z.tuple([z.string(), z.array(z.string())]);

/** @throws {IntegrationError} INVALID_INPUT */
export function checkFirst(first: number): void {
  if (first < 1 || first > maxFirst) {
    throw new IntegrationError("INVALID_INPUT", `first must be 1 to ${maxFirst}, not ${first}`, { field: ["first"] });
  }
}

/**
 * Cursors of one list: opaque, and good only for the list and filter that gave them.
 *
 * @param list the list's name
 * @param filter everything but the page that decides what is in it
 */
export function cursorsOf(list: string, filter: unknown) {
  const binding = createHash("sha256")
    .update(JSON.stringify([list, filter]))
    .digest("base64url")
    .slice(0, 8);
  return {
    write: (keys: readonly string[]): string => Buffer.from(JSON.stringify([binding, keys])).toString("base64url"),

    /** The keys of the last row seen; null at the beginning. @throws {IntegrationError} INVALID_INPUT */
    read(after: string | null): readonly string[] | null {
      if (after === null) return null;
      const [boundTo, keys] = parseCursor(after);
      if (boundTo !== binding) throw badCursor("This cursor belongs to another list or filter");
      return keys;
    },
  };
}

/** The id in a cursor of a list that is in the order of ids; undefined at the beginning. */
export function lastIdIn(keys: readonly string[] | null): string | undefined {
  if (keys === null) return undefined;
  const [id = ""] = keys;
  if (!isId(id)) throw badCursor("This is not a cursor");
  return id;
}

/** Makes a page of rows that were read with one more than asked for. */
export function pageOf<T>(rows: readonly T[], first: number, cursorFor: (row: T) => string): Page<T> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: cursorFor(node), node }));
  return { edges, hasNextPage: rows.length > first };
}

export function badCursor(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, {
    field: ["after"],
    remedy: "Start again without `after`, with the same arguments on every page.",
  });
}

function parseCursor(text: string): z.infer<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw badCursor("This is not a cursor");
  }
}
