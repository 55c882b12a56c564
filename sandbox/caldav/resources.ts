import { DavError } from "./dav-error.ts";
import type { Dialect, SpecialCollection } from "./dialect.ts";
import type { StoredCalendar, StoredHome, StoredObject, TrashedObject } from "./state.ts";

/** What an address names. */
export type Resource =
  | { readonly kind: "root"; readonly path: string }
  | { readonly kind: "principal"; readonly path: string }
  | { readonly kind: "home"; readonly path: string }
  | { readonly kind: "special"; readonly path: string; readonly special: SpecialCollection }
  | { readonly kind: "calendar"; readonly path: string; readonly calendar: StoredCalendar }
  | {
      readonly kind: "object";
      readonly path: string;
      readonly calendar: StoredCalendar;
      readonly name: string;
      /** Null where there is none, or none yet. */
      readonly object: StoredObject | null;
    }
  | { readonly kind: "trashed"; readonly path: string; readonly trashed: TrashedObject }
  /** A place in the home where a calendar could be. */
  | { readonly kind: "vacant"; readonly path: string; readonly name: string };

/** One account's addresses below the twin. */
export class Resources {
  constructor(
    private readonly dialect: Dialect,
    readonly home: StoredHome,
    /** Where the twin is mounted: `/icloud`. */
    private readonly mount: string,
  ) {}

  /** @throws {DavError} not-found, privileges, no-parent */
  at(path: string): Resource {
    const { paths } = this.dialect;
    const here = path.endsWith("/") ? path : `${path}/`;
    if (here === "/" || paths.root.test(here)) return { kind: "root", path: here };
    if (isSame(here, paths.principal(this.home))) return this.principal;
    const below = restBelow(here, paths.home(this.home));
    if (!below) throw new DavError("not-found");
    const [first, second, ...further] = below;
    if (first === undefined) return this.root;
    const special = this.dialect.specials.find(({ name }) => name === first);
    const isBin = special?.type[1] === "trash-bin" && second === "objects" && further.length === 0;
    if (special && (second === undefined || isBin)) return this.special(special);
    const calendar = this.home.calendars.get(first);
    if (!calendar) {
      if (second === undefined) return { kind: "vacant", path: this.pathOf(first), name: first };
      throw new DavError(special ? "not-found" : "no-parent");
    }
    if (second === undefined) return this.calendar(calendar);
    if (further.length > 0) throw new DavError("not-found");
    return this.object(calendar, second);
  }

  get principal(): Resource {
    return { kind: "principal", path: this.dialect.paths.principal(this.home) };
  }

  get root(): Resource {
    return { kind: "home", path: this.dialect.paths.home(this.home) };
  }

  special(special: SpecialCollection): Resource {
    return { kind: "special", path: this.pathOf(special.name), special };
  }

  calendar(calendar: StoredCalendar): Resource {
    return { kind: "calendar", path: this.pathOf(calendar.name), calendar };
  }

  object(calendar: StoredCalendar, name: string): Resource & { readonly kind: "object" } {
    const path = this.objectPath(calendar, name);
    return { kind: "object", path, calendar, name, object: calendar.objects.get(name) ?? null };
  }

  trashed(trashed: TrashedObject): Resource {
    const name = trashed.object.name.replace(/(\.ics)?$/, "-deleted.ics");
    return { kind: "trashed", path: `${this.pathOf("trashbin")}objects/${this.dialect.paths.encode(name)}`, trashed };
  }

  objectPath(calendar: StoredCalendar, name: string): string {
    return `${this.pathOf(calendar.name)}${this.dialect.paths.encode(name)}`;
  }

  /** As answers write it. */
  href(path: string): string {
    return `${this.mount}${path}`;
  }

  /** The path below the twin that a request's href, absolute or not, means; null for one elsewhere. */
  pathFrom(href: string): string | null {
    const base = `http://twin${this.mount}/`;
    if (!URL.canParse(href, base)) return null;
    const { pathname } = new URL(href, base);
    return pathname.startsWith(`${this.mount}/`) ? pathname.slice(this.mount.length) : null;
  }

  private pathOf(name: string): string {
    return `${this.dialect.paths.home(this.home)}${this.dialect.paths.encode(name)}/`;
  }
}

/** The decoded segments of `path` below `top`; null when it is not below. */
function restBelow(path: string, top: string): readonly string[] | null {
  const [above, all] = [segments(top), segments(path)];
  if (!above || !all || above.some((segment, index) => segment !== all[index])) return null;
  return all.slice(above.length);
}

function isSame(path: string, other: string): boolean {
  return restBelow(path, other)?.length === 0;
}

function segments(path: string): readonly string[] | null {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}
